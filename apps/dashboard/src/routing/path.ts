import { useSyncExternalStore } from 'react';
import type { PagePath } from '#contracts';

const MOVED = 'waypost:moved';

/** Goes to a page of ours without loading anew. @param how `replace` when going back must not lead here again */
export function goTo(path: PagePath, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(MOVED));
}

export function usePath(): string {
  return useSyncExternalStore(listen, () => location.pathname);
}

/** Calls back whenever the browser is at another entry of its history. */
export function listen(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener(MOVED, changed);
  };
}

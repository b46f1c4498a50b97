import { useSyncExternalStore } from 'react';

/**
 * What stood behind `#` when the page was opened: mails and the identity provider put secrets there. It is taken out of
 * the address bar at once, so that nobody photographs, bookmarks or copies it, and kept with the entry of the history,
 * where a reload finds it.
 */
interface Kept {
  fragment: string;
}

let visit = 0;
const watchers = new Set<() => void>();

/** Takes it out of the address, now and whenever another link is opened in this tab. */
export function takeFragment(): void {
  take();
  window.addEventListener('hashchange', take);
}

function take(): void {
  const fragment = location.hash.slice(1);
  if (fragment === '') return;
  history.replaceState({ fragment } satisfies Kept, '', location.pathname);
  visit += 1;
  for (const watcher of watchers) watcher();
}

/** The value under a name, or null. */
export function fromFragment(name: string): string | null {
  const { fragment = '' } = (history.state ?? {}) as Partial<Kept>;
  return new URLSearchParams(fragment).get(name) || null;
}

/** Once it was used up: a reload must not try it again. */
export function forgetFragment(): void {
  history.replaceState(null, '', location.pathname);
}

/** Counts the links that were opened in this tab. */
export function useFragment(): { visit: number } {
  const count = useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => visit,
  );
  return { visit: count };
}

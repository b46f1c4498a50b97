import { useSyncExternalStore } from 'react';

export type PhoneTab = 'chats' | 'devices' | 'behaviour' | 'faults';

/** Where in the page we are; it is kept in the address, so that it survives a reload and can be bookmarked. */
export type Route =
  | { screen: 'phones' }
  | { screen: 'phone'; number: string; tab: PhoneTab; chat?: string }
  | { screen: 'stanzas' }
  | { screen: 'network' };

export function parse(hash: string): Route {
  const [first = '', second = '', third = '', fourth = ''] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  if (first === 'stanzas' || first === 'network') return { screen: first };
  if (first !== 'phones' || !second) return { screen: 'phones' };
  const tab = third === 'devices' || third === 'behaviour' || third === 'faults' ? third : 'chats';
  return { screen: 'phone', number: second, tab, ...(tab === 'chats' && fourth ? { chat: fourth } : {}) };
}

export function hrefOf(route: Route): string {
  if (route.screen === 'phones') return '#/phones';
  if (route.screen !== 'phone') return `#/${route.screen}`;
  const parts = ['phones', route.number, route.tab, ...(route.chat ? [route.chat] : [])];
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export const go = (route: Route): void => {
  window.location.hash = hrefOf(route);
};

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

export function useRoute(): Route {
  return parse(useSyncExternalStore(subscribe, () => window.location.hash));
}

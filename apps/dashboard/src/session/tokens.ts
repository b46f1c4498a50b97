import { useSyncExternalStore } from 'react';
import type { LoggedIn } from '../api/account.ts';

interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** In the storage of the tab, which ends with it: no other tab, and nobody who opens the browser later, finds them. */
const KEY = 'waypost.session';

const watchers = new Set<() => void>();

export function keepTokens({ accessToken, refreshToken, expiresIn }: LoggedIn): void {
  const tokens: Tokens = { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 };
  sessionStorage.setItem(KEY, JSON.stringify(tokens));
  tell();
}

export function forgetTokens(): void {
  sessionStorage.removeItem(KEY);
  tell();
}

export function tokens(): Tokens | null {
  return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Tokens | null;
}

/** Whether somebody is logged in in this tab, as far as it knows. */
export function useHasSession(): boolean {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => sessionStorage.getItem(KEY) !== null,
  );
}

function tell(): void {
  for (const watcher of watchers) watcher();
}

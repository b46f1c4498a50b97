import type { LoggedIn } from '../api/account.ts';
import { call, Refusal, type Reply } from '../api/http.ts';
import { forgetTokens, keepTokens, tokens } from './tokens.ts';

/** New tokens are fetched this long before the old ones expire. */
const EARLY_MS = 20_000;

let refreshing: Promise<void> | undefined;

/**
 * A request as the person who is logged in. Fetches new tokens when they are needed; when the session has ended it is
 * forgotten here too, which leads to the log-in page.
 */
export async function authorized<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Reply<T>> {
  if ((tokens()?.expiresAt ?? 0) - EARLY_MS < Date.now()) await refresh();
  try {
    return await call<T>(method, path, body, tokens()?.accessToken);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    await refresh();
    return call<T>(method, path, body, tokens()?.accessToken);
  }
}

/** A refresh token works once, so requests that need it at the same time share one refresh. */
function refresh(): Promise<void> {
  refreshing ??= fetchTokens().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

async function fetchTokens(): Promise<void> {
  const refreshToken = tokens()?.refreshToken;
  try {
    keepTokens((await call<LoggedIn>('POST', '/auth/refresh', { refreshToken })).data);
  } catch (error) {
    // Anything else, such as a network that is away, says nothing about the session.
    if (error instanceof Refusal && [400, 401].includes(error.status)) forgetTokens();
    throw error;
  }
}

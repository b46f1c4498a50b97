import type { CookieOptions, Request, Response } from 'express';
import { DEVICE_TOKEN_DAYS } from '#domain';

/** Marks a browser that logged in before. It opens nothing (domain/identity/device-tokens.ts). */
export const DEVICE_COOKIE = 'waypost_device';
/** Binds a log-in at the identity provider to the browser that began it. */
export const OIDC_COOKIE = 'waypost_oidc';

const MAX_CHARACTERS = 1000;

export function cookieOf(request: Request, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value !== undefined) return value.trim().slice(0, MAX_CHARACTERS);
  }
  return null;
}

/** Cookies go to the sign-in routes only, and no script reads them. */
function options(isSecure: boolean, sameSite: 'strict' | 'lax', maxAgeMs: number): CookieOptions {
  return { httpOnly: true, secure: isSecure, sameSite, path: '/api/v1/auth', maxAge: maxAgeMs };
}

export function setDeviceCookie(response: Response, token: string, isSecure: boolean): void {
  response.cookie(DEVICE_COOKIE, token, options(isSecure, 'strict', DEVICE_TOKEN_DAYS * 86_400_000));
}

/** Lax, because the provider sends the person back from another site. */
export function setOidcCookie(response: Response, token: string, isSecure: boolean): void {
  response.cookie(OIDC_COOKIE, token, options(isSecure, 'lax', 15 * 60_000));
}

export function clearOidcCookie(response: Response, isSecure: boolean): void {
  response.clearCookie(OIDC_COOKIE, options(isSecure, 'lax', 0));
}

import { SetMetadata, type Type } from '@nestjs/common';
import type { Permission } from '#contracts';

/** Who may call a route. Every route declares one; the api refuses to start otherwise. */
export type Access =
  | { kind: 'public' }
  /** Any valid credential: the route concerns nothing but the caller itself. */
  | { kind: 'authenticated' }
  | { kind: 'permission'; permission: Permission };

const ACCESS = Symbol('access');
const LIMITED_BY_ADDRESS = Symbol('limited-by-address');

/** The caller needs this permission. What it may not see within it still answers 404, by scoped reads. */
export const Can = (permission: Permission) => SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access);

/** No credential is asked for. */
export const Public = () => SetMetadata(ACCESS, { kind: 'public' } satisfies Access);

/** Any valid credential will do, because the route concerns only the caller itself. */
export const Authenticated = () => SetMetadata(ACCESS, { kind: 'authenticated' } satisfies Access);

/** Tries per minute and address are limited (LOGIN_LIMIT_PER_MINUTE): for routes where secrets can be guessed. */
export const LimitedByAddress = () => SetMetadata(LIMITED_BY_ADDRESS, true);

/** What a handler declares, or else its controller; undefined when neither does. */
export function accessOf(controller: Type, handler: object): Access | undefined {
  return Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller);
}

export function isLimitedByAddress(handler: object): boolean {
  return Reflect.getMetadata(LIMITED_BY_ADDRESS, handler) === true;
}

import { SetMetadata, type Type } from '@nestjs/common';
import type { Permission } from '#contracts';

/** Who may call a route. Every route declares one; the api refuses to start otherwise. */
export type Access =
  | { kind: 'public' }
  /** Any valid credential: the route concerns nothing but the caller itself. */
  | { kind: 'authenticated' }
  /** A login session: what a program must not do with an API key. */
  | { kind: 'session' }
  /** A login session of an administrator of the installation. */
  | { kind: 'platform-admin' }
  | { kind: 'permission'; permission: Permission };

const ACCESS = Symbol('access');
const LIMITED_BY_ADDRESS = Symbol('limited-by-address');

/**
 * The caller needs this permission, and the handler sees and changes only where the caller holds it. What it may not see
 * at all still answers 404, what it sees by other permissions 403.
 */
export const Can = (permission: Permission) => SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access);

/** No credential is asked for. */
export const Public = () => SetMetadata(ACCESS, { kind: 'public' } satisfies Access);

/** Any valid credential will do, because the route concerns only the caller itself. */
export const Authenticated = () => SetMetadata(ACCESS, { kind: 'authenticated' } satisfies Access);

/** A login session is asked for, no permission: for what a person does with their own account. API keys get 403. */
export const SessionOnly = () => SetMetadata(ACCESS, { kind: 'session' } satisfies Access);

/**
 * For what belongs to the whole installation and not to an organization. API keys get 403 whoever made them: a key
 * belongs to an organization.
 */
export const PlatformAdmin = () => SetMetadata(ACCESS, { kind: 'platform-admin' } satisfies Access);

/** `login`: LOGIN_LIMIT_PER_MINUTE, where secrets can be guessed; `visitor`: pages for everybody, many behind one address. */
export type AddressLimit = 'login' | 'visitor';

/** Calls per minute and address are limited. */
export const LimitedByAddress = (limit: AddressLimit = 'login') => SetMetadata(LIMITED_BY_ADDRESS, limit);

/** What a handler declares, or else its controller; undefined when neither does. */
export function accessOf(controller: Type, handler: object): Access | undefined {
  return Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller);
}

export function addressLimitOf(handler: object): AddressLimit | undefined {
  return Reflect.getMetadata(LIMITED_BY_ADDRESS, handler);
}

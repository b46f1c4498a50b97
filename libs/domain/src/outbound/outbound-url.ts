import { isIP } from 'node:net';
import { type CatalogueError, errors } from '#contracts';
import type { AddressPolicy } from './address-policy.js';
import { bareHost, type Resolver, resolveAllowed } from './guarded-connector.js';
import { toOutboundFailure } from './outbound-failure.js';

const longestUrl = 2048;

/**
 * Reads a URL that a user gave. WHATWG parsing brings every notation of an IPv4 address (decimal, octal, hexadecimal,
 * short, full-width digits) to the dotted one and refuses zone ids, so that what is judged is what is dialled.
 * @throws errors.urlNotAllowed when it is not plain http(s), carries a user name or password, or is too long.
 */
export function parseOutboundUrl(given: string, field: string): URL {
  const refuse = (message: string) => notAllowed(field, message);
  if (given.length > longestUrl) throw refuse(`The URL is longer than ${longestUrl} characters.`);
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null) throw refuse('This is not a valid URL. Give an absolute one, such as https://example.com/hook.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('Only http and https URLs are called.');
  if (url.username !== '' || url.password !== '') {
    throw refuse('The URL must not contain a user name or password. Use custom headers instead.');
  }
  return url;
}

/**
 * Early check of a URL when it is stored, for a clear answer to the person who gives it. The check that protects is the
 * one at connect time; this one may become outdated.
 * @throws errors.urlNotAllowed also when the host name does not resolve.
 */
export async function assertUrlAllowed(
  given: string,
  field: string,
  policy: AddressPolicy,
  resolver: Resolver,
): Promise<void> {
  await assertHostAllowed(bareHost(parseOutboundUrl(given, field).hostname), field, policy, resolver);
}

/** The same for a host name or address on its own, such as that of a mail server. */
export async function assertHostAllowed(
  host: string,
  field: string,
  policy: AddressPolicy,
  resolver: Resolver,
): Promise<void> {
  if (isIP(host) !== 0) {
    if (!policy.allows(host)) throw notAllowed(field);
    return;
  }
  try {
    await resolveAllowed(host, resolver, policy);
  } catch (error) {
    const failure = toOutboundFailure(error);
    throw failure.reason === 'address_blocked' ? notAllowed(field) : notAllowed(field, failure.message);
  }
}

function notAllowed(field: string, message?: string): CatalogueError {
  const error = errors.urlNotAllowed(message === undefined ? {} : { message });
  return errors.urlNotAllowed({ message: error.message, fields: [{ path: field, message: error.message }] });
}

import type { ErrorName } from '#contracts';
import type { Route } from '../http/route-table.js';

/** Everything that an operation can answer: what it declares, and what every route of its kind can. */
export function errorsOf(route: Route, takes: { body: boolean; query: boolean; cursor: boolean }): ErrorName[] {
  const { access, params, isIdempotent, isLimitedByAddress, description } = route;
  const found: ErrorName[] = [...(description?.errors ?? [])];
  if (takes.body || takes.query || params.length > 0 || isIdempotent) found.push('validation');
  if (takes.body) found.push('malformedJson', 'bodyTooLarge', 'unsupportedMediaType');
  if (takes.cursor) found.push('invalidCursor');
  if (access.kind !== 'public') found.push('unauthenticated', 'tokenExpired', 'sessionRevoked', 'rateLimited');
  if (access.kind !== 'public' && access.kind !== 'authenticated') found.push('forbidden');
  if (isLimitedByAddress) found.push('rateLimited');
  if (params.length > 0) found.push('notFound');
  if (isIdempotent) found.push('idempotencyConflict', 'idempotencyInProgress');
  found.push('overloaded', 'internal');
  return [...new Set(found)];
}

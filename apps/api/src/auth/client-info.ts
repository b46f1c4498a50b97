import type { ClientInfo } from '#domain';
import type { ApiRequest } from '../http/request.js';

/** Longest user agent that is kept. */
const MAX = 400;

/** From where a request comes, for the list of sessions. */
export function clientInfo(request: ApiRequest): ClientInfo {
  return { ipAddress: request.ip ?? null, userAgent: request.headers['user-agent']?.slice(0, MAX) ?? null };
}

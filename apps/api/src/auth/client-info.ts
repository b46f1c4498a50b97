import type { ClientInfo } from '#domain';
import { addressKey } from '../http/rate-limits.js';
import type { ApiRequest } from '../http/request.js';
import { cookieOf, DEVICE_COOKIE } from './cookies.js';

/** Longest user agent that is kept. */
const MAX = 400;

/** From where a request comes, for sessions, records and the counting of guesses. */
export function clientInfo(request: ApiRequest): ClientInfo {
  return {
    ipAddress: request.ip ?? null,
    userAgent: request.headers['user-agent']?.slice(0, MAX) ?? null,
    network: addressKey(request.ip),
    deviceToken: cookieOf(request, DEVICE_COOKIE),
    requestId: request.requestId,
  };
}

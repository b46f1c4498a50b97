import { errors } from '#contracts';
import type { ApiKeyLimits } from '#database';
import { isWithinRanges } from './ip-ranges.js';

/**
 * What is asked for a key, within the limits of the key that asks: otherwise a key could shake its own limits off by
 * making another. What is not asked for is taken over. Permissions and profiles are judged with the rights (granting.ts).
 * @param own the key that asks; null when a person does
 * @throws forbidden naming what goes too far
 */
export function withinLimitsOf(own: ApiKeyLimits | null, asked: ApiKeyLimits): ApiKeyLimits {
  if (own === null) return asked;
  const limits = {
    ...asked,
    ipRanges: asked.ipRanges.length === 0 ? own.ipRanges : asked.ipRanges,
    ratePerMinute: asked.ratePerMinute ?? own.ratePerMinute,
    expiresAt: asked.expiresAt ?? own.expiresAt,
  };
  const beyond = [
    own.ipRanges.length > 0 && !limits.ipRanges.every((range) => isWithinRanges(range, own.ipRanges)) && 'ipRanges',
    own.ratePerMinute !== null && limits.ratePerMinute! > own.ratePerMinute && 'ratePerMinute',
    own.expiresAt !== null && limits.expiresAt! > own.expiresAt && 'expiresAt',
  ].filter((name) => name !== false);
  if (beyond.length === 0) return limits;
  throw errors.forbidden({ message: 'A key cannot give another one wider limits than its own.', details: { beyond } });
}

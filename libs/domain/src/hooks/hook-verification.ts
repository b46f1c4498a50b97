import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How a request to a hook proves that it comes from who it should. The names of products stand for what those products
 * do; `hmac-sha256` is for all others that sign, and can be adjusted.
 */
export const verificationKinds = [
  'none',
  'hmac-sha256',
  'bearer',
  'basic',
  'github',
  'shopify',
  'stripe',
  'standard-webhooks',
] as const;
export type VerificationKind = (typeof verificationKinds)[number];

/** What is not secret about it; the fields besides `kind` are for `hmac-sha256` (tolerance also for those with a time). */
export interface Verification {
  kind: VerificationKind;
  /** The header with the signature, in lower case. */
  header?: string;
  /** What stands before the signature in its header, such as `sha256=`. */
  prefix?: string;
  encoding?: 'hex' | 'base64';
  /** The header with the time of signing, in seconds; then `<time>.<body>` is what is signed, otherwise the body alone. */
  timestampHeader?: string;
  /** How old, or how far ahead, a time of signing may be. */
  toleranceSeconds?: number;
}

/** What requests prove it with: a key or token, or a name and password. */
export interface VerificationSecret {
  secret?: string;
  username?: string;
  password?: string;
}

/** As it came: header names in lower case, and the bytes of the body before anything reads them. */
export interface UnreadRequest {
  headers: Record<string, string>;
  body: Buffer;
}

export const defaultToleranceSeconds = 300;

/** What they sign with, where it is more than `hmac-sha256` says by itself. */
const presets: Partial<Record<VerificationKind, Pick<Verification, 'header' | 'prefix' | 'encoding'>>> = {
  github: { header: 'x-hub-signature-256', prefix: 'sha256=', encoding: 'hex' },
  shopify: { header: 'x-shopify-hmac-sha256', prefix: '', encoding: 'base64' },
};

/** The headers that carry the proof: never kept, never shown to a mapping. */
export function proofHeaders({ kind, header }: Verification): string[] {
  const named = header ?? presets[kind]?.header ?? [];
  return ['authorization', 'stripe-signature', 'webhook-signature'].concat(named);
}

/** @returns null when it is proven, otherwise a sentence for who set the sender up. It does not help to guess. */
export function refusalOf(
  request: UnreadRequest,
  verification: Verification,
  { secret = '', username = '', password = '' }: VerificationSecret,
  now: Date,
): string | null {
  switch (verification.kind) {
    case 'none':
      return null;
    case 'bearer':
      return isSame(request.headers.authorization, `Bearer ${secret}`)
        ? null
        : 'The header Authorization does not carry the bearer token of this hook.';
    case 'basic':
      return isSame(request.headers.authorization, `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`)
        ? null
        : 'The header Authorization does not carry the user name and password of this hook.';
    case 'stripe':
      return refusalOfStripe(request, secret, toleranceOf(verification), now);
    case 'standard-webhooks':
      return refusalOfStandard(request, secret, toleranceOf(verification), now);
    default:
      return refusalOfHmac(request, { ...verification, ...presets[verification.kind] }, secret, now);
  }
}

function refusalOfHmac(request: UnreadRequest, verification: Verification, secret: string, now: Date): string | null {
  const { header = 'x-signature', prefix = '', encoding = 'hex', timestampHeader } = verification;
  const given = request.headers[header];
  if (given === undefined) return `The header ${header} is missing.`;
  let signed: Buffer = request.body;
  if (timestampHeader !== undefined) {
    const time = request.headers[timestampHeader];
    const problem = problemOfTime(time, toleranceOf(verification), now);
    if (problem) return `${problem} (header ${timestampHeader})`;
    signed = Buffer.concat([Buffer.from(`${time}.`), request.body]);
  }
  const expected = prefix + createHmac('sha256', secret).update(signed).digest(encoding);
  return isSame(given, expected) ? null : `The signature in ${header} is not that of this body.`;
}

/** `t=<seconds>,v1=<hex>[,v1=…]` over `<seconds>.<body>`. */
function refusalOfStripe(request: UnreadRequest, secret: string, tolerance: number, now: Date): string | null {
  const given = request.headers['stripe-signature'];
  if (given === undefined) return 'The header stripe-signature is missing.';
  const parts = given.split(',').map((part) => part.trim().split('=', 2));
  const time = parts.find(([name]) => name === 't')?.[1];
  const problem = problemOfTime(time, tolerance, now);
  if (problem) return `${problem} (header stripe-signature)`;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(request.body).digest('hex');
  const isProven = parts.some(([name, value]) => name === 'v1' && isSame(value, expected));
  return isProven ? null : 'No signature in stripe-signature is that of this body.';
}

/** `v1,<base64>[ v1,…]` over `<webhook-id>.<webhook-timestamp>.<body>`. */
function refusalOfStandard(request: UnreadRequest, secret: string, tolerance: number, now: Date): string | null {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given } = request.headers;
  if (id === undefined || given === undefined) return 'The headers webhook-id and webhook-signature are needed.';
  const problem = problemOfTime(time, tolerance, now);
  if (problem) return `${problem} (header webhook-timestamp)`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(request.body).digest('base64');
  const isProven = given.split(' ').some((one) => isSame(one, `v1,${expected}`));
  return isProven ? null : 'No signature in webhook-signature is that of this body.';
}

function toleranceOf({ toleranceSeconds }: Verification): number {
  return toleranceSeconds ?? defaultToleranceSeconds;
}

function problemOfTime(given: string | undefined, toleranceSeconds: number, now: Date): string | null {
  if (given === undefined || !/^\d{1,12}$/.test(given)) return 'The time of signing is missing or no number of seconds';
  const ageSeconds = Math.abs(now.getTime() / 1000 - Number(given));
  return ageSeconds <= toleranceSeconds ? null : 'The time of signing is too long ago, or lies ahead';
}

/** In a time that tells nothing of either. */
function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}

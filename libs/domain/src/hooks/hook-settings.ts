import { errors, type FieldError } from '#contracts';
import type { HookRow } from '#database';
import { parseIpRanges } from '../identity/ip-ranges.js';
import { checkedActions } from './hook-action-checks.js';
import type { HookAction } from './hook-actions.js';
import { generatedSecret } from './hook-token.js';
import { problemsOfPointer } from './hook-values.js';
import type { Verification, VerificationKind, VerificationSecret } from './hook-verification.js';
import { isCountry } from './mapped-phone.js';

/** Where a request says its own id: in a header, or in the body (JSON Pointer). */
export type DeduplicateBy = { header: string } | { path: string };

export type VerificationDraft = Verification & VerificationSecret;

/** What owners say of a hook. */
export interface HookDraft {
  name: string;
  verification: VerificationDraft;
  actions: unknown[];
  /** Null: none. Absent: where the kind of verification has it. */
  deduplicateBy?: DeduplicateBy | null;
  allowedIps?: string[];
  ratePerMinute?: number;
  defaultCountry?: string | null;
  enabled?: boolean;
}

/** A hook with its JSON read. */
export interface Hook extends Omit<HookRow, 'verification' | 'actions' | 'delivery' | 'secretSealed'> {
  verification: Verification;
  actions: HookAction[];
  deduplicateBy: DeduplicateBy | null;
  hasSecret: boolean;
}

export function hookOf({ verification, actions, delivery, secretSealed, ...row }: HookRow): Hook {
  return {
    ...row,
    verification: verification as Verification,
    actions: actions as HookAction[],
    deduplicateBy: delivery as DeduplicateBy | null,
    hasSecret: secretSealed !== null,
  };
}

export const defaultRatePerMinute = 120;

const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** Where senders say which delivery a request is, so that a repeat of theirs does nothing twice. */
const deduplications: Partial<Record<VerificationKind, DeduplicateBy>> = {
  github: { header: 'x-github-delivery' },
  shopify: { header: 'x-shopify-webhook-id' },
  stripe: { path: '/body/id' },
  'standard-webhooks': { header: 'webhook-id' },
};

/** The settings as they are kept, without the secret. */
export type CheckedSettings = Pick<HookRow, 'name' | 'allowedIps' | 'ratePerMinute' | 'defaultCountry' | 'enabled'> & {
  verification: Verification;
  actions: HookAction[];
  delivery: DeduplicateBy | null;
};

/** @throws validation */
export function checkedSettings(draft: HookDraft): CheckedSettings {
  const { name, verification, deduplicateBy, allowedIps = [], defaultCountry = null } = draft;
  const actions = checkedActions(draft.actions);
  if (defaultCountry !== null && !isCountry(defaultCountry)) {
    throw invalid('defaultCountry', 'must be two capital letters of ISO 3166, such as DE');
  }
  return {
    name,
    verification: checkedVerification(verification),
    actions,
    delivery: checkedDeduplicateBy(deduplicateBy, verification.kind),
    allowedIps: parseIpRanges(allowedIps, 'allowedIps'),
    ratePerMinute: draft.ratePerMinute ?? defaultRatePerMinute,
    defaultCountry,
    enabled: draft.enabled ?? true,
  };
}

/**
 * The secret to keep, and the one to show where we made it. Without a new one the former stays, as long as the kind does.
 * @throws validation
 */
export function secretFor(
  draft: VerificationDraft,
  former: 'none' | 'keep',
): { keep: true } | { secret: VerificationSecret | null; shown: string | null } {
  const { kind, secret, username, password } = draft;
  if (kind === 'none') return { secret: null, shown: null };
  if (kind === 'basic') {
    if (username !== undefined && password !== undefined) return { secret: { username, password }, shown: null };
    if (former === 'keep' && username === undefined && password === undefined) return { keep: true };
    throw invalid('verification.password', 'is needed for basic, with a username');
  }
  if (secret !== undefined) return { secret: { secret }, shown: null };
  if (former === 'keep') return { keep: true };
  const made = generatedSecret(draft);
  if (made === null) throw invalid('verification.secret', `is needed: ${kind} makes it and shows it to you`);
  return { secret: made, shown: made.secret! };
}

function checkedVerification(draft: VerificationDraft): Verification {
  const { kind, header, prefix, encoding, timestampHeader, toleranceSeconds } = draft;
  const problems: FieldError[] = [];
  const lower = (name: 'header' | 'timestampHeader', value: string | undefined) => {
    const known = value?.toLowerCase();
    if (known !== undefined && !headerName.test(known)) {
      problems.push({ path: `verification.${name}`, message: 'must be the name of a header' });
    }
    return known;
  };
  const timed = toleranceSeconds === undefined ? {} : { toleranceSeconds };
  if (kind !== 'hmac-sha256') return { kind, ...(hasTime(kind) ? timed : {}) };
  const own = {
    header: lower('header', header) ?? 'x-signature',
    prefix: prefix ?? '',
    encoding: encoding ?? 'hex',
    ...(timestampHeader === undefined ? {} : { timestampHeader: lower('timestampHeader', timestampHeader), ...timed }),
  } as const;
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return { kind, ...own };
}

const hasTime = (kind: VerificationKind) => kind === 'stripe' || kind === 'standard-webhooks';

function checkedDeduplicateBy(given: DeduplicateBy | null | undefined, kind: VerificationKind): DeduplicateBy | null {
  if (given === null) return null;
  if (given === undefined) return deduplications[kind] ?? { header: 'idempotency-key' };
  if ('header' in given && given.header !== undefined) {
    const header = given.header.toLowerCase();
    if (headerName.test(header)) return { header };
    throw invalid('deduplicateBy.header', 'must be the name of a header');
  }
  const { path } = given as { path: string };
  const problems = problemsOfPointer(path, 'deduplicateBy.path');
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return { path };
}

function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}

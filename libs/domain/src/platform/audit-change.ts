/** A state of a resource before or after a change: plain facts, as they are kept. */
export type AuditFacts = Readonly<Record<string, unknown>>;

/** Longest text that is kept of one value. */
const MAX_TEXT = 500;
/** Most values of one change; more than this is a sign that something else than facts was handed over. */
const MAX_VALUES = 200;
const MAX_DEPTH = 6;

export const MASK = '[masked]';

/**
 * What is never kept, by the name of the field: its last word, so that `passwordHash` and `smtpPassword` are met and
 * `tokenExpiresAt` is not. Rules by name, so that a new field is masked without anybody thinking of it.
 */
const secretWords = new Set(
  'password passphrase secret token hash sealed authorization cookie credential credentials headers otp totp pin qr code codes key'.split(
    ' ',
  ),
);
/** Ends in such a word and is no secret. */
const harmless = new Set(['countryCode', 'errorCode', 'statusCode', 'languageCode', 'storageKey', 'orderingKey']);

/** Whether the value of a field with this name is a secret. */
export function isSecretName(name: string): boolean {
  if (harmless.has(name)) return false;
  const last = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_.-]+/)
    .at(-1)!;
  return secretWords.has(last.toLowerCase());
}

/**
 * The facts that differ between before and after, with secrets masked: that a secret changed is told, never what it was.
 * With only one side given (made, or removed) all its facts.
 */
export function changeOf(
  before: AuditFacts | undefined,
  after: AuditFacts | undefined,
): { before?: AuditFacts; after?: AuditFacts } {
  if (before === undefined || after === undefined) {
    return { ...(before && { before: masked(before) }), ...(after && { after: masked(after) }) };
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => canonical(before[name]) !== canonical(after[name]),
  );
  const of = (facts: AuditFacts) =>
    masked(Object.fromEntries(names.filter((name) => name in facts).map((name) => [name, facts[name]])));
  return { before: of(before), after: of(after) };
}

/** JSON with sorted keys and without undefined: equal values give equal text, so that it can be hashed. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) as string;
}

function masked(facts: AuditFacts): AuditFacts {
  let left = MAX_VALUES;
  const keep = (value: unknown, name: string, depth: number): unknown => {
    if (left-- <= 0) return '[left out]';
    if (value === null || value === undefined) return null;
    if (isSecretName(name)) return MASK;
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array) return MASK;
    if (depth >= MAX_DEPTH) return '[left out]';
    if (value instanceof Set || Array.isArray(value)) {
      return [...value].slice(0, MAX_VALUES).map((item) => keep(item, '', depth + 1));
    }
    if (typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value)
          .slice(0, MAX_VALUES)
          .map(([key, item]) => [storable(key).slice(0, 100), keep(item, key, depth + 1)]),
      );
    }
    return null;
  };
  return keep(facts, '', 0) as AuditFacts;
}

function text(value: string): string {
  const short = storable(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
  // Credentials within addresses: scheme://user:password@host, and the tokens that some services put into the query.
  return short
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, `$1${MASK}@`)
    .replaceAll(/([?&][^=&#]*(?:key|token|secret|password|sig|signature)[^=&#]*=)[^&#]+/gi, `$1${MASK}`);
}

/** What a jsonb column gives back exactly as it got it. */
export function storable(value: string): string {
  // With the flag u this meets only surrogates without their other half.
  return value.replaceAll(/[\uD800-\uDFFF]/gu, '\uFFFD').replaceAll('\u0000', '');
}

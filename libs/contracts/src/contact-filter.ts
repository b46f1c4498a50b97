import { errors, type FieldError } from './errors.js';

/**
 * The filter language over contacts: lists, exports, segments and the audiences of campaigns all speak it. A filter is a
 * condition on one field, or conditions joined with `and`, `or`, `not`:
 *
 *     { "and": [
 *       { "field": "tags", "op": "any", "value": ["vip", "lead"] },
 *       { "field": "custom.plan", "op": "equals", "value": "gold" },
 *       { "not": { "field": "lastInboundAt", "op": "within_days", "value": 30 } } ] }
 *
 * A condition on something that is not known of a contact is false; its `not` is true. To add a field: a line in
 * `contactFilterFields`, and its SQL in libs/database/src/contact-filter.
 */
export type ContactFilter =
  | ContactCondition
  | { and: ContactFilter[] }
  | { or: ContactFilter[] }
  | { not: ContactFilter };

export interface ContactCondition {
  field: ContactFilterField;
  op: ContactFilterOp;
  value: string | number | boolean | string[];
}

/** The operators of each kind of field, each with what it takes. */
export const contactFilterOps = {
  /** Compared without case. `any` of them, `all` of them, `none` of them; `exists`: has a tag at all. */
  tags: { any: 'texts', all: 'texts', none: 'texts', exists: 'flag' },
  /** Compared without case. */
  text: { equals: 'text', contains: 'text', starts_with: 'text', in: 'texts', exists: 'flag' },
  /** Digits with country code; other signs are left out. */
  phone: { equals: 'phone', starts_with: 'phone', in: 'phones', exists: 'flag' },
  /** ISO 3166 codes of two letters. */
  country: { in: 'countries' },
  /** `before` and `after` an instant (ISO 8601); `within_days`: not longer ago than that; `exists` false: never. */
  time: { before: 'time', after: 'time', within_days: 'days', exists: 'flag' },
  flag: { is: 'flag' },
  /** `exists` false: WhatsApp was never asked. */
  answer: { is: 'flag', exists: 'flag' },
  word: { in: 'texts' },
  /** A list holds (`contains`) what one of its items equals. Dates are compared by their days (`2026-05-01`). */
  custom: {
    equals: 'any',
    in: 'texts',
    contains: 'text',
    starts_with: 'text',
    gt: 'number',
    gte: 'number',
    lt: 'number',
    lte: 'number',
    before: 'date',
    after: 'date',
    exists: 'flag',
  },
} as const;

type FieldKind = keyof typeof contactFilterOps;
type OpsOf<Kind extends FieldKind> = keyof (typeof contactFilterOps)[Kind];
export type ContactFilterOp = { [Kind in FieldKind]: OpsOf<Kind> }[FieldKind];

/** Every field that can be asked for, besides the custom ones (`custom.<key>`). */
export const contactFilterFields = {
  tags: { kind: 'tags', about: 'Tags of the contact.' },
  name: { kind: 'text', about: 'The name that is shown: given here, saved on the phone, or shown on WhatsApp.' },
  phone: { kind: 'phone', about: 'Any of the phone numbers of the person.' },
  country: { kind: 'country', about: 'Country of a phone number of the person.' },
  lastInboundAt: { kind: 'time', about: 'When the person last wrote.' },
  lastOutboundAt: { kind: 'time', about: 'When this number last wrote to the person.' },
  hasReplied: { kind: 'flag', about: 'The person wrote after this number last did.' },
  optedOut: { kind: 'flag', about: 'Wants no campaigns.' },
  blocked: { kind: 'flag', about: 'Is blocked by this number.' },
  onWhatsApp: { kind: 'answer', about: 'What WhatsApp last answered when it was asked for a number of the person.' },
  source: { kind: 'word', about: 'How the contact came to be: manual, api, import, whatsapp, message.' },
  createdAt: { kind: 'time', about: 'When the contact came to be.' },
} as const satisfies Record<string, { kind: FieldKind; about: string }>;

export type ContactFilterField = keyof typeof contactFilterFields | `custom.${string}`;

/** What a filter may be at most, so that no filter is a burden. */
export const contactFilterLimits = { depth: 6, conditions: 50, values: 100, characters: 200, days: 36_500 } as const;

/** Keys of custom fields. */
export const customFieldKey = /^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,63}$/u;

/**
 * Reads a filter as it came from outside. What comes back has only what the language knows.
 * @param path where it stands in the request
 * @throws validation with every mistake
 */
export function parseContactFilter(value: unknown, path = 'filter'): ContactFilter {
  const reader = new FilterReader();
  const filter = reader.filter(value, path, 1);
  if (reader.problems.length > 0) throw errors.validation({ fields: reader.problems.slice(0, 20) });
  return filter!;
}

/** The kind of a field and, of custom ones, its key; null when there is no such field. */
export function contactFieldOf(field: string): { kind: FieldKind; key?: string } | null {
  if (Object.hasOwn(contactFilterFields, field)) {
    return { kind: contactFilterFields[field as keyof typeof contactFilterFields].kind };
  }
  const key = field.startsWith('custom.') ? field.slice('custom.'.length) : '';
  return customFieldKey.test(key) ? { kind: 'custom', key } : null;
}

class FilterReader {
  readonly problems: FieldError[] = [];
  private conditions = 0;

  filter(value: unknown, path: string, depth: number): ContactFilter | undefined {
    if (!isObject(value)) return this.wrong(path, 'must be an object with `field`, or with one of `and`, `or`, `not`');
    if (depth > contactFilterLimits.depth) {
      return this.wrong(path, `is nested deeper than ${contactFilterLimits.depth} levels`);
    }
    if ('field' in value) return this.condition(value, path);
    const [join, ...others] = Object.keys(value);
    if (others.length > 0) return this.wrong(path, 'must have exactly one of `field`, `and`, `or`, `not`');
    if (join === 'not') {
      const inner = this.filter(value.not, `${path}.not`, depth + 1);
      return inner && { not: inner };
    }
    if (join !== 'and' && join !== 'or') return this.wrong(path, 'must have `field`, `and`, `or` or `not`');
    const parts = value[join];
    if (!Array.isArray(parts) || parts.length === 0 || parts.length > contactFilterLimits.conditions) {
      return this.wrong(`${path}.${join}`, `must be a list of 1 to ${contactFilterLimits.conditions} conditions`);
    }
    const read = parts.flatMap((part, at) => this.filter(part, `${path}.${join}.${at}`, depth + 1) ?? []);
    return join === 'and' ? { and: read } : { or: read };
  }

  private condition(given: Record<string, unknown>, path: string): ContactCondition | undefined {
    this.conditions += 1;
    if (this.conditions > contactFilterLimits.conditions) {
      return this.wrong(path, `is one condition too many: at most ${contactFilterLimits.conditions}`);
    }
    const unknown = Object.keys(given).find((key) => key !== 'field' && key !== 'op' && key !== 'value');
    if (unknown !== undefined) return this.wrong(`${path}.${unknown}`, 'is not known here');
    const field = typeof given.field === 'string' ? contactFieldOf(given.field) : null;
    if (!field) {
      const known = Object.keys(contactFilterFields).join(', ');
      return this.wrong(`${path}.field`, `must be one of ${known}, or custom.<key>`);
    }
    const ops: Record<string, ValueKind> = contactFilterOps[field.kind];
    if (typeof given.op !== 'string' || !Object.hasOwn(ops, given.op)) {
      return this.wrong(`${path}.op`, `must be one of ${Object.keys(ops).join(', ')}`);
    }
    const value = readValue(ops[given.op]!, given.value);
    if (value === undefined) return this.wrong(`${path}.value`, valueRules[ops[given.op]!]);
    return { field: given.field as ContactFilterField, op: given.op as ContactFilterOp, value };
  }

  private wrong(path: string, message: string): undefined {
    if (this.problems.length < 20) this.problems.push({ path, message });
    return undefined;
  }
}

const { characters, values, days } = contactFilterLimits;
const valueRules = {
  text: `must be a text of 1 to ${characters} characters`,
  texts: `must be a list of 1 to ${values} texts of 1 to ${characters} characters`,
  phone: 'must be 1 to 20 digits',
  phones: `must be a list of 1 to ${values} phone numbers`,
  countries: `must be a list of 1 to ${values} country codes of two letters, such as DE`,
  time: 'must be an instant such as 2026-05-01T10:00:00Z',
  date: 'must be a day such as 2026-05-01',
  days: `must be a number of days, up to ${days}`,
  number: 'must be a number',
  flag: 'must be true or false',
  any: `must be a text of 1 to ${characters} characters, a number, true or false`,
} as const;
type ValueKind = keyof typeof valueRules;

function readValue(kind: ValueKind, value: unknown): ContactCondition['value'] | undefined {
  switch (kind) {
    case 'text':
      return isText(value) ? value : undefined;
    case 'texts':
      return isList(value) && value.every(isText) ? value : undefined;
    case 'phone':
      return digitsOf(value);
    case 'phones': {
      const phones = isList(value) ? value.map(digitsOf) : [undefined];
      return phones.includes(undefined) ? undefined : (phones as string[]);
    }
    case 'countries':
      return isList(value) && value.every((code) => typeof code === 'string' && /^[A-Za-z]{2}$/.test(code))
        ? (value as string[]).map((code) => code.toUpperCase())
        : undefined;
    case 'time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && isInstant(value)
        ? new Date(value).toISOString()
        : undefined;
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && isInstant(value) ? value : undefined;
    case 'days':
      return typeof value === 'number' && value > 0 && value <= days ? value : undefined;
    case 'number':
      return isNumber(value) ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'any':
      return isText(value) || isNumber(value) || typeof value === 'boolean' ? value : undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= values;
}

/** PostgreSQL keeps no NUL in texts. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= characters && !value.includes('\0');
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isInstant(text: string): boolean {
  const at = Date.parse(text);
  return at >= Date.UTC(1900, 0, 1) && at < Date.UTC(2200, 0, 1);
}

function digitsOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40 || /[^\d\s+().-]/.test(value)) return undefined;
  const digits = value.replace(/\D/g, '');
  return digits.length >= 1 && digits.length <= 20 ? digits : undefined;
}

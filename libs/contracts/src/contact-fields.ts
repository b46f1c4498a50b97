/** What a custom field of contacts may hold. */
export const contactFieldTypes = ['text', 'number', 'date', 'boolean', 'choice'] as const;
export type ContactFieldType = (typeof contactFieldTypes)[number];

/** Most that the custom fields of one contact may be. */
export const customFieldLimits = { fields: 100, keyCharacters: 64, bytes: 16_384 } as const;

/** Most tags of one contact, and the longest of them. */
export const tagLimits = { tags: 100, characters: 100 } as const;

/** What says of which type a custom field is. */
export interface ContactFieldRule {
  key: string;
  type: ContactFieldType;
  /** Of a choice. */
  choices: readonly string[];
}

/**
 * The value as it is kept, in the one form of its type: numbers as numbers, also when they came as text (from files),
 * dates as `2026-05-01`. Undefined: it is no value of the type. Null is none, and allowed everywhere.
 */
export function fieldValue(rule: ContactFieldRule, value: unknown): unknown {
  if (value === null) return null;
  switch (rule.type) {
    case 'text':
      return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    }
    case 'boolean': {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
      if (word === true || word === 'true' || word === 'yes' || word === '1') return true;
      return word === false || word === 'false' || word === 'no' || word === '0' ? false : undefined;
    }
    case 'date':
      return typeof value === 'string' && isDay(value.slice(0, 10)) && !Number.isNaN(Date.parse(value))
        ? value.slice(0, 10)
        : undefined;
    case 'choice':
      return typeof value === 'string'
        ? rule.choices.find((choice) => choice.toLowerCase() === value.trim().toLowerCase())
        : undefined;
  }
}

/** What a value of the rule's type is like, for people. */
export function fieldRuleWords({ type, choices }: ContactFieldRule): string {
  return {
    text: 'must be a text',
    number: 'must be a number',
    boolean: 'must be true or false',
    date: 'must be a day such as 2026-05-01',
    choice: `must be one of ${choices.join(', ')}`,
  }[type];
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

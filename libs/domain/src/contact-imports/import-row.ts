import { type ImportColumn, importLimits } from '#contracts';
import type { TableRow } from '../tabular/table.js';
import { readPhone } from './read-phone.js';

/** What a row says of somebody. Fields that it does not have say nothing. */
export interface ContactCandidate {
  /** Digits with country code. */
  phone: string;
  name: string | null;
  tags: string[];
  customFields: Record<string, unknown>;
  optedOut: boolean;
}

/** Why a row is not taken. */
export interface RowFault {
  field: string | null;
  code: string | null;
  message: string | null;
  value: string | null;
}

export interface ReadRow {
  /** Which of the rows it is, from 0. */
  position: number;
  line: number;
  candidate?: ContactCandidate;
  fault?: RowFault;
  /** The number of a row that was left out because the number stood in the file before. */
  repeated?: string;
}

/** What holds for all rows of an import. */
export interface RowRules {
  columns: readonly ImportColumn[];
  defaultCountry: string | null;
  tags: readonly string[];
  /** Checks values of defined custom fields. @returns the value to keep, or what is wrong with it */
  readField(key: string, value: unknown): { value: unknown } | { wrong: string };
}

const MOST_SHOWN = 100;
/** What says yes in a column such as "unsubscribed". */
export const yes = /^(1|true|yes|y|x|ya|ja|si|sí|oui|sim)$/i;

/** Reads a row of a file. The first fault is told. */
export function readRow(row: TableRow, position: number, rules: RowRules): ReadRow {
  const at = { position, line: row.line };
  if (row.problem) {
    return { ...at, fault: { field: null, code: row.problem.code, message: row.problem.message, value: null } };
  }
  const named = new Map<string, string>();
  const customFields: Record<string, unknown> = {};
  for (const [index, { target }] of rules.columns.entries()) {
    const text = cleaned(row.cells[index] ?? '');
    if (target === 'ignore' || text === '') continue;
    if (!target.startsWith('custom.')) named.set(target, text);
    else {
      const key = target.slice('custom.'.length);
      const read = readCustom(rules, key, text);
      if ('wrong' in read) return { ...at, fault: fault(target, 'field_invalid', read.wrong, text) };
      customFields[key] = read.value;
    }
  }
  const phoneText = named.get('phone') ?? '';
  const phone = readPhone(phoneText, rules.defaultCountry);
  if ('problem' in phone) return { ...at, fault: fault('phone', phone.problem.code, phone.problem.message, phoneText) };
  const name = nameOf(named);
  if (name !== null && name.length > importLimits.nameCharacters) {
    const message = `must be at most ${importLimits.nameCharacters} characters`;
    return { ...at, fault: fault('name', 'too_long', message, name) };
  }
  const tags = tagsOf(named.get('tags') ?? '', rules.tags);
  const wrongTag = tags.find((tag) => tag.length > importLimits.tagCharacters);
  if (wrongTag !== undefined || tags.length > importLimits.tags) {
    const message = `must be at most ${importLimits.tags} tags of at most ${importLimits.tagCharacters} characters`;
    return { ...at, fault: fault('tags', 'too_long', message, wrongTag ?? tags.join(';')) };
  }
  const optedOut = yes.test(named.get('opted_out') ?? '');
  return { ...at, candidate: { phone: phone.phone, name, tags, customFields, optedOut } };
}

/** A row whose number stood in the file before: the first one counts. */
export function repeatOf({ position, line, candidate }: ReadRow, firstLine: number): ReadRow {
  const { phone } = candidate!;
  const message = `has the number of line ${firstLine}; the first one counts`;
  return { position, line, repeated: phone, fault: { field: 'phone', code: 'repeated', message, value: phone } };
}

/** Tags without repeats in another case, in the order in which they stand. */
export function distinctTags(tags: readonly string[]): string[] {
  const byWord = new Map<string, string>();
  for (const tag of tags) {
    const trimmed = tag.trim();
    if (trimmed !== '' && !byWord.has(trimmed.toLowerCase())) byWord.set(trimmed.toLowerCase(), trimmed);
  }
  return [...byWord.values()];
}

function readCustom(rules: RowRules, key: string, text: string) {
  if (text.length > importLimits.fieldCharacters) {
    return { wrong: `must be at most ${importLimits.fieldCharacters} characters` };
  }
  return rules.readField(key, text);
}

function tagsOf(text: string, all: readonly string[]): string[] {
  // Google separates the groups of a contact by three colons.
  return distinctTags([...text.split(/;|,|\||:::/).map((tag) => tag.replace(/^\s*\*\s*/, '')), ...all]);
}

function nameOf(named: Map<string, string>): string | null {
  const parts = [named.get('first_name'), named.get('last_name')].filter(Boolean).join(' ');
  return named.get('name') ?? (parts === '' ? null : parts);
}

/**
 * Text as people see it: without blanks around, and without the apostrophe that keeps spreadsheets from reading a cell as
 * a formula (our own exports have it). Controls other than line breaks and tabs go.
 */
export function cleaned(text: string): string {
  return (
    text
      .trim()
      .replace(/^'(?=[=+\-@\t\r])/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what goes
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '')
  );
}

function fault(field: string, code: string, message: string, value: string): RowFault {
  const shown = value.length > MOST_SHOWN ? `${[...value].slice(0, MOST_SHOWN - 1).join('')}…` : value;
  return { field, code, message, value: shown };
}

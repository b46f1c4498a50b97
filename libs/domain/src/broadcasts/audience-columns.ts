import { type AudienceColumn, errors } from '#contracts';
import { mapColumns } from '../contact-imports/column-mapping.js';

/** What a caller wants of columns, by their title or their number from 1: `phone`, `opted_out`, `ignore`, or a variable. */
export type ColumnsWanted = Readonly<Record<string, string>>;

/** Names that texts can have places for. */
export const variableName = /^[a-z_][a-z0-9_]{0,49}$/i;
const MOST_NAMED = 20;

/**
 * What each column of a file of recipients is taken for: what the caller says; else numbers and opt-outs by their usual
 * titles, and every other column a variable by its own title in small letters, such as `first_name`.
 * @param width how many columns there are, where they have no titles
 * @throws validation at `path` when no column has numbers, or a name is that of no column
 */
export function readColumns(
  titles: readonly string[],
  wanted: ColumnsWanted,
  { width, path }: { width: number; path: string },
): AudienceColumn[] {
  const count = Math.max(titles.length, width);
  const asked = new Map(Object.entries(wanted).map(([name, takenAs]) => [plain(name), { name, takenAs }]));
  const used = new Set<string>();
  const known = mapColumns(titles, {}, width).columns;
  const isAsked = (target: string) => [...asked.values()].some(({ takenAs }) => takenAs === target);
  const columns: AudienceColumn[] = [];
  for (let index = 0; index < count; index += 1) {
    const title = titles[index] ?? null;
    const wish = asked.get(plain(title ?? '')) ?? asked.get(String(index + 1));
    if (wish) used.add(wish.name);
    const target = known[index]?.target;
    const usual = target === 'phone' || target === 'opted_out' ? target : undefined;
    const takenAs =
      wish?.takenAs ??
      (usual && !isAsked(usual) ? usual : freeName(nameOf(title, index), columns, [...asked.values()]));
    columns.push({ title, takenAs });
  }
  const unknown = [...asked.values()].filter(({ name }) => !used.has(name));
  const shown = titles.length === 0 ? `${count} columns without titles` : titles.slice(0, MOST_NAMED).join(', ');
  if (unknown.length > 0) {
    throw errors.validation({
      fields: unknown.map(({ name }) => ({ path, message: `the file has no column "${name}"; it has ${shown}` })),
    });
  }
  if (!columns.some(({ takenAs }) => takenAs === 'phone')) {
    const message = `must say which column has the phone numbers, such as {"2": "phone"}; the file has ${shown}`;
    throw errors.validation({ fields: [{ path, message }] });
  }
  return columns;
}

/** The title as the name of a variable; `column_3` for one that has no Latin letters. */
function nameOf(title: string | null, index: number): string {
  const name = (title ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  return /^[a-z]/.test(name) ? name : `column_${index + 1}`;
}

/** The first of two columns keeps the name. */
function freeName(name: string, before: readonly AudienceColumn[], asked: readonly { takenAs: string }[]): string {
  const isTaken = (one: string) =>
    [...before, ...asked].some(({ takenAs }) => takenAs === one) || ['phone', 'opted_out', 'ignore'].includes(one);
  if (!isTaken(name)) return name;
  let number = 2;
  while (isTaken(`${name}_${number}`)) number += 1;
  return `${name}_${number}`;
}

/** Without case, blanks and signs. */
function plain(title: string): string {
  return title
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

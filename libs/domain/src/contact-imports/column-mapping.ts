import { customFieldKey, type ImportColumn, type ImportTarget, importTargets } from '#contracts';

/** Titles that are understood by themselves, in the languages that users of such files wrote so far. */
const knownTitles: Record<string, ImportTarget> = {
  ...named(
    'phone',
    'phone phonenumber mobile mobilenumber mobilephone nomor nomer nomorhp nomorwa nomorwhatsapp number',
  ),
  ...named(
    'phone',
    'whatsapp whatsappnumber wa nowa hp nohp handphone telepon notelepon telp tel telephone cell cellphone',
  ),
  ...named(
    'phone',
    'msisdn handy handynummer telefon telefonnummer telefono celular movil telefone portable phone1value',
  ),
  ...named('name', 'name nama namalengkap fullname contactname displayname customername nombre nome nom vollername'),
  ...named('first_name', 'firstname givenname namadepan vorname nombres prenom'),
  ...named('last_name', 'lastname surname familyname namabelakang nachname apellido apellidos sobrenome nomdefamille'),
  ...named('tags', 'tags tag label labels groups grup kelompok etiquetas schlagworte categories groupmembership'),
  ...named('opted_out', 'optedout optout unsubscribed donotcontact stop'),
  ...named('custom.email', 'email emailaddress mail surel correo emailvalue'),
  ...named('custom.organization', 'organization organisation company perusahaan firma empresa'),
};

/** What a caller wants of columns: by their title, or by their number counted from 1. */
export type Mapping = Record<string, ImportTarget>;

export function isTarget(value: unknown): value is ImportTarget {
  if (typeof value !== 'string') return false;
  if ((importTargets as readonly string[]).includes(value)) return true;
  return value.startsWith('custom.') && customFieldKey.test(value.slice('custom.'.length));
}

/** Whether a row is one of titles: one of them is known or in the mapping, or none of its cells looks like a number. */
export function looksLikeTitles(cells: readonly string[], mapping: Readonly<Record<string, string>>): boolean {
  const wanted = new Set(Object.keys(mapping).map(plain));
  const isTitle = (cell: string) =>
    knownTitles[plain(cell)] === 'phone' || (cell.trim() !== '' && wanted.has(plain(cell)));
  return cells.some(isTitle) || !cells.some((cell) => /^\D{0,3}\d[\d\s().\-/]{5,}$/.test(cell.trim()));
}

/**
 * What each column is taken for: what the mapping says, else what its title says. Of several columns for one thing the
 * first is taken. Columns that nothing says anything about are ignored.
 * @param width how many columns there are, where they have no titles
 * @returns the columns, and the names in the mapping that are those of no column
 */
export function mapColumns(
  titles: readonly string[],
  mapping: Mapping = {},
  width = 0,
): { columns: ImportColumn[]; unknown: string[] } {
  const count = Math.max(titles.length, width);
  const wanted = new Map(Object.entries(mapping).map(([name, target]) => [plain(name), { name, target }]));
  const used = new Set<string>();
  const columns = Array.from({ length: count }, (_, index): ImportColumn => {
    const title = titles[index] ?? null;
    const asked = (title !== null && wanted.get(plain(title))) || wanted.get(String(index + 1));
    if (asked) used.add(asked.name);
    return { title, target: asked?.target ?? 'ignore' };
  });
  const isTaken = (target: ImportTarget) => columns.some((column) => column.target === target);
  for (const [index, column] of columns.entries()) {
    const asked = wanted.has(plain(column.title ?? '')) || wanted.has(String(index + 1));
    const target = column.title === null ? undefined : titleTarget(column.title);
    if (!asked && target && !isTaken(target)) column.target = target;
  }
  // A file of bare numbers.
  if (!isTaken('phone') && titles.length === 0 && wanted.size === 0 && columns[0]) columns[0].target = 'phone';
  return { columns, unknown: [...wanted.values()].flatMap(({ name }) => (used.has(name) ? [] : [name])) };
}

function titleTarget(title: string): ImportTarget | undefined {
  // As exports of Waypost name them.
  const custom = title.trim();
  if (custom.startsWith('custom.') && isTarget(custom)) return custom;
  return knownTitles[plain(title)];
}

/** Without case, blanks and signs: `No. HP` and `no_hp` are one. */
function plain(title: string): string {
  return title
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

function named(target: ImportTarget, titles: string): Record<string, ImportTarget> {
  return Object.fromEntries(titles.split(' ').map((title) => [title, target]));
}

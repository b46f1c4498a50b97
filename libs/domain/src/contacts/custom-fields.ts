import {
  type ContactFieldRule,
  customFieldLimits,
  errors,
  type FieldError,
  fieldRuleWords,
  fieldValue,
  type OrganizationId,
  type ProfileId,
  tagLimits,
} from '#contracts';
import { listContactFields, type Tx } from '#database';

/** The rules by which the custom fields of a profile's contacts are read. */
export async function readFieldRules(
  tx: Pick<Tx, 'query'>,
  owner: { organizationId: OrganizationId; profileId: ProfileId },
): Promise<Map<string, ContactFieldRule>> {
  const rows = await listContactFields(tx, owner.organizationId, owner.profileId);
  return new Map(rows.map((row) => [row.key, row]));
}

/**
 * Custom fields as they are kept: what is defined in the form of its type, anything else as it is.
 * @returns what is wrong instead, if anything is
 */
export function readCustomFields(
  rules: ReadonlyMap<string, ContactFieldRule>,
  given: Record<string, unknown>,
  path: string,
): { fields: Record<string, unknown>; problems: FieldError[] } {
  const problems: FieldError[] = [];
  const fields: Record<string, unknown> = {};
  const entries = Object.entries(given);
  const { fields: most, keyCharacters, bytes } = customFieldLimits;
  if (entries.length > most) problems.push({ path, message: `must have at most ${most} fields` });
  for (const [key, value] of entries.slice(0, most)) {
    if (key.length === 0 || key.length > keyCharacters) {
      problems.push({ path, message: `must have keys of 1 to ${keyCharacters} characters` });
      continue;
    }
    const rule = rules.get(key);
    const read = rule ? fieldValue(rule, value) : value;
    if (rule && read === undefined) problems.push({ path: `${path}.${key}`, message: fieldRuleWords(rule) });
    else fields[key] = read;
  }
  if (Buffer.byteLength(JSON.stringify(fields)) > bytes) {
    problems.push({ path, message: `must be at most ${bytes} bytes as JSON` });
  }
  return { fields, problems };
}

/** The same, for where nothing may be wrong. @throws validation */
export async function checkCustomFields(
  tx: Pick<Tx, 'query'>,
  owner: { organizationId: OrganizationId; profileId: ProfileId },
  given: Record<string, unknown> | undefined,
  path = 'metadata',
): Promise<Record<string, unknown> | undefined> {
  if (given === undefined) return undefined;
  const { fields, problems } = readCustomFields(await readFieldRules(tx, owner), given, path);
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return fields;
}

/** Tags as they are kept: without space around them, each once, whatever its case. Null: one of them is none. */
export function readTags(given: readonly string[]): string[] | null {
  const tags = new Map<string, string>();
  for (const each of given) {
    const tag = each.trim();
    if (tag === '' || tag.length > tagLimits.characters || /\p{Cc}/u.test(tag)) return null;
    if (!tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), tag);
  }
  return tags.size > tagLimits.tags ? null : [...tags.values()];
}

/** What tags have to be. */
export const tagWords = `must be up to ${tagLimits.tags} texts of 1 to ${tagLimits.characters} characters`;

/** @throws validation */
export function checkTags(given: readonly string[], path = 'tags'): string[] {
  const tags = readTags(given);
  if (tags) return tags;
  throw errors.validation({ fields: [{ path, message: tagWords }] });
}

import { fieldRuleWords, fieldValue, type OrganizationId, type ProfileId } from '#contracts';
import type { Database } from '#database';
import { readFieldRules } from '../contacts/custom-fields.js';
import type { RowRules } from './import-row.js';

/** Reads values of custom fields as the profile defines them; what is not defined holds any value. */
export async function readFieldOf(
  db: Database,
  owner: { organizationId: OrganizationId; profileId: ProfileId },
): Promise<RowRules['readField']> {
  const rules = await readFieldRules(db, owner);
  return (key, value) => {
    const rule = rules.get(key);
    if (!rule) return { value };
    const read = fieldValue(rule, value);
    return read === undefined ? { wrong: fieldRuleWords(rule) } : { value: read };
  };
}

import type { ContactId, EventActor, ExistingContacts, ImportCounts, ImportOutcome, NewEvent } from '#contracts';
import { findContactsByPhone, type KnownContact, type Tx } from '#database';
import { addContacts, type GivenContact } from '../contacts/add-contacts.js';
import { changeOptOut } from '../contacts/opt-outs.js';
import type { ContactCandidate, ReadRow, RowFault } from './import-row.js';

/** What became of a row. */
export interface RowResult extends RowFault {
  position: number;
  line: number;
  outcome: ImportOutcome;
  phone: string | null;
}

export interface ImportManner {
  existing: ExistingContacts;
  by: EventActor;
}

interface Owner {
  organizationId: string;
  profileId: string;
}

const nothing: RowFault = { field: null, code: null, message: null, value: null };

/**
 * Takes rows of a file into the address book of a profile: a few statements, however many rows. It may run twice; the
 * second time the same rows change nothing.
 * @returns what became of each row, in their order, and the events, which the caller appends as its last statement
 */
export async function importRows(
  tx: Tx,
  owner: Owner,
  rows: ReadRow[],
  manner: ImportManner,
): Promise<{ results: RowResult[]; events: NewEvent[] }> {
  const known = await knownBefore(tx, owner, rows, manner.existing);
  const taken = rows.flatMap((row) => {
    const { candidate } = row;
    if (!candidate || (manner.existing === 'skip' && known.has(candidate.phone))) return [];
    return { row, candidate };
  });
  const given = taken.map(({ candidate }) => givenOf(candidate, manner.existing, known));
  const kept = await addContacts(tx, owner, 'import', manner.by, given);
  const out = new Set<ContactId>();
  taken.forEach(({ candidate }, index) => {
    if (candidate.optedOut && !known.get(candidate.phone)?.isOptedOut) out.add(kept.contacts[index]!.contactId);
  });
  const change = { contactIds: [...out], isOptedOut: true, source: 'import' as const, by: manner.by };
  const optedOut = await changeOptOut(tx, owner, change);
  const told = new Set<ContactId>();
  const changesOf = new Map(
    taken.map(({ row }, index) => {
      const contact = kept.contacts[index]!;
      // A second number of somebody who is in the chunk already: the change was told at the first.
      if (told.has(contact.contactId)) return [row.position, { isNew: false, changed: [] }];
      told.add(contact.contactId);
      const changed = [
        contact.nameChanged && 'name',
        contact.fieldsChanged && 'custom fields',
        kept.tagged.has(contact.contactId) && 'tags',
        out.has(contact.contactId) && 'opt-out',
      ];
      return [row.position, { isNew: contact.isNew, changed: changed.filter((each) => each !== false) }];
    }),
  );
  const results = rows.map((row) => resultOf(row, changesOf.get(row.position)));
  return { results, events: [...kept.events, ...optedOut] };
}

/** What `importRows` would do; changes nothing and locks nothing. */
export async function previewRows(
  tx: Pick<Tx, 'query'>,
  owner: Owner,
  rows: ReadRow[],
  existing: ExistingContacts,
): Promise<RowResult[]> {
  const known = await findContactsByPhone(tx, owner, phonesOf(rows));
  return rows.map((row) => {
    const { candidate } = row;
    const contact = candidate && known.get(candidate.phone);
    if (candidate && contact && existing === 'skip') return resultOf(row, undefined);
    return resultOf(row, { isNew: !contact, changed: contact ? changesTo(contact, candidate!, existing) : [] });
  });
}

export function countOutcomes(results: readonly RowResult[]): ImportCounts {
  const counts: ImportCounts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** Only where it makes a difference who is there already. */
async function knownBefore(
  tx: Tx,
  owner: Owner,
  rows: ReadRow[],
  existing: ExistingContacts,
): Promise<Map<string, KnownContact>> {
  const matters = existing !== 'update' || rows.some(({ candidate }) => candidate?.optedOut);
  return matters ? findContactsByPhone(tx, owner, phonesOf(rows)) : new Map();
}

function phonesOf(rows: ReadRow[]): string[] {
  return rows.flatMap(({ candidate }) => candidate?.phone ?? []);
}

function givenOf(
  { phone, name, tags, customFields }: ContactCandidate,
  existing: ExistingContacts,
  known: Map<string, KnownContact>,
): GivenContact {
  const address = { phone, lid: null };
  if (existing === 'merge_tags' && known.has(phone)) return { address, tags };
  return { address, name: name ?? undefined, tags, customFields };
}

function changesTo(contact: KnownContact, candidate: ContactCandidate, existing: ExistingContacts): string[] {
  const { name, customFields, tags, optedOut } = candidate;
  const takesFacts = existing === 'update';
  const has = new Set(contact.tags.map((tag) => tag.toLowerCase()));
  const isOther = (key: string) => JSON.stringify(customFields[key]) !== JSON.stringify(contact.customFields[key]);
  return [
    takesFacts && name !== null && name !== contact.name && 'name',
    takesFacts && Object.keys(customFields).some(isOther) && 'custom fields',
    tags.some((tag) => !has.has(tag.toLowerCase())) && 'tags',
    optedOut && !contact.isOptedOut && 'opt-out',
  ].filter((each) => each !== false);
}

function resultOf(row: ReadRow, changes: { isNew: boolean; changed: string[] } | undefined): RowResult {
  const { position, line, fault, candidate } = row;
  const at = { position, line, phone: candidate?.phone ?? row.repeated ?? null };
  if (fault) return { ...at, ...fault, outcome: row.repeated === undefined ? 'failed' : 'skipped' };
  if (!changes) {
    const message = 'is a contact already';
    return { ...at, ...nothing, outcome: 'skipped', field: 'phone', code: 'exists', message };
  }
  if (changes.isNew) return { ...at, ...nothing, outcome: 'created' };
  if (changes.changed.length === 0) return { ...at, ...nothing, outcome: 'unchanged' };
  return { ...at, ...nothing, outcome: 'updated', message: `changed: ${changes.changed.join(', ')}` };
}

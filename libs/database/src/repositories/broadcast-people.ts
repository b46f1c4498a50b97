import type { AudiencePart } from '#contracts';
import type { Tx } from '../transaction.js';

/** Recipients of a person who turned out to be another one. Who got a broadcast under both names got it twice already. */
export async function moveRecipientsOf(tx: Tx, keptId: string, goneId: string): Promise<void> {
  await tx.query('update broadcast_recipients set person_id = $1 where person_id = $2', [keptId, goneId]);
}

/** Recipients whose chats became one. */
export async function moveRecipientChats(tx: Tx, kept: readonly string[], gone: readonly string[]): Promise<void> {
  await tx.query(
    `update broadcast_recipients r set conversation_id = pair.kept
       from unnest($1::uuid[], $2::uuid[]) as pair (kept, gone) where r.conversation_id = pair.gone`,
    [kept, gone],
  );
}

/**
 * Takes a person out of the broadcasts of the organization: as a recipient, and out of the lists of those to come.
 * @returns how many rows of recipients went
 */
export async function eraseRecipientsOf(tx: Tx, personId: string): Promise<number> {
  const identities = await tx.query<{ organizationId: string; kind: string; value: string }>(
    'select organization_id as "organizationId", kind, value from identities where person_id = $1',
    [personId],
  );
  const [first] = identities;
  const removed = await tx.query(
    `delete from broadcast_recipients r
      where r.person_id = $1
         or r.broadcast_id in (select id from broadcasts where organization_id = $2) and r.address = any($3::text[])
     returning 1`,
    [personId, first?.organizationId ?? null, identities.map(({ kind, value }) => `${kind}:${value}`)],
  );
  if (!first) return removed.length;
  const digits = identities.map(({ value }) => value);
  const contacts = await tx.query<{ id: string }>('select id from contacts where person_id = $1', [personId]);
  const naming = await tx.query<{ id: string; audience: AudiencePart[] }>(
    `select id, audience from broadcasts
      where organization_id = $1 and audience @? '$[*] ? (@.type == "numbers" || @.type == "people" || @.type == "contacts")'
      order by id for no key update`,
    [first.organizationId],
  );
  for (const { id, audience } of naming) {
    const left = audience.map((part) => without(part, { digits, contactIds: contacts.map((contact) => contact.id) }));
    if (JSON.stringify(left) === JSON.stringify(audience)) continue;
    await tx.query('update broadcasts set audience = $2::jsonb where id = $1', [id, JSON.stringify(left)]);
  }
  return removed.length;
}

function without(part: AudiencePart, of: { digits: string[]; contactIds: string[] }): AudiencePart {
  const isOther = (address: string) => !of.digits.includes(address.replace(/@.*$/, '').replace(/\D/g, ''));
  if (part.type === 'numbers') return { ...part, value: part.value.filter(isOther) };
  if (part.type === 'people') return { ...part, value: part.value.filter(({ to }) => isOther(to)) };
  if (part.type === 'contacts') return { ...part, value: part.value.filter((id) => !of.contactIds.includes(id)) };
  return part;
}

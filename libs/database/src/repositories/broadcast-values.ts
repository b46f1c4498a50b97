import type { BroadcastId } from '#contracts';
import type { Tx } from '../transaction.js';

/** What the texts of one variant ask for. */
export interface ValuesAsked {
  variant: number;
  /** Names without which it is not sent. */
  needed: readonly string[];
  /** Those of them that the broadcast itself has a value for, the same for everybody. */
  given: readonly string[];
}

/**
 * Leaves out whoever waits for a variant and has no value for a name that its texts need, as `fillIn` of the domain would
 * when it is their turn: what came with a recipient goes before what the address book of the sending number knows, that
 * before what everybody has, and a value that is null is none. Where several numbers may send, whoever has all values at one
 * of them stays: it is not known yet which one will.
 */
export async function excludeWithoutValues(
  tx: Tx,
  of: { broadcastId: BroadcastId; senders: readonly string[] },
  { variant, needed, given }: ValuesAsked,
): Promise<void> {
  await tx.query(
    `update broadcast_recipients r
        set state = 'excluded', is_waiting = false, is_excluded = true, reason = 'variables_missing', ended_at = now()
      where r.broadcast_id = $1 and r.is_waiting and r.variant = $3
        and not exists (
          select from unnest($2::uuid[]) as sender (id)
            left join lateral (
              select c.custom_fields as fields, coalesce(c.name, c.saved_name, c.verified_name, c.push_name) as name
                from contacts c where c.profile_id = sender.id and c.person_id = r.person_id limit 1) known on true
           where (r.sender_id is null or r.sender_id = sender.id)
             and not exists (
               select from unnest($4::text[]) as needed (name)
                where case
                  when r.variables ? needed.name then r.variables -> needed.name = 'null'
                  when needed.name = 'contact' then false
                  when needed.name = 'name' and known.name is not null then false
                  when needed.name = 'phone' and (r.address like 'phone:%' or exists (
                    select from identities i where i.person_id = r.person_id and i.kind = 'phone')) then false
                  when known.fields ? needed.name then known.fields -> needed.name = 'null'
                  when needed.name = 'opt_out_link' and (r.address like 'phone:%' or r.address like 'lid:%') then false
                  else not needed.name = any($5::text[]) end))`,
    [of.broadcastId, of.senders, variant, needed, given],
    { name: 'broadcast_exclude_without_values' },
  );
}

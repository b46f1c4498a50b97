import type { Tx } from '../transaction.js';

/**
 * Notes of messages that went to groups how many members besides us they went to, where all members are known. When it is
 * not noted, the message's own state does not follow the receipts.
 */
export async function noteRecipients(tx: Tx, messageIds: string[]): Promise<void> {
  await tx.query(
    `update messages m set recipient_count = g.others
       from conversations c
       join lateral (select (select count(*) from group_members p where p.group_id = g.id and p.person_id is not null) as others
                       from groups g where g.profile_id = c.profile_id and g.wa_id = c.room_id and g.members_known) g on true
      where m.id = any($1::uuid[]) and c.id = m.conversation_id and c.kind = 'group' and m.recipient_count is null`,
    [messageIds],
    { name: 'receipts_recipients' },
  );
}

/** What all recipients of a message have done. */
export interface WholeReceipt {
  messageId: string;
  isDelivered: boolean;
  isRead: boolean;
  isPlayed: boolean;
}

/** Messages of which all recipients, as noted when they were sent, have confirmed something. */
export async function findWholeReceipts(tx: Tx, messageIds: string[]): Promise<WholeReceipt[]> {
  return tx.query<WholeReceipt>(
    `select m.id as "messageId", n.delivered >= m.recipient_count as "isDelivered", n.read >= m.recipient_count as "isRead",
            n.played >= m.recipient_count as "isPlayed"
       from messages m
      cross join lateral (
        select count(r.delivered_at) as delivered, count(r.read_at) as read, count(r.played_at) as played
          from message_receipts r where r.message_id = m.id
      ) n
      where m.id = any($1::uuid[]) and m.recipient_count > 0 and n.delivered >= m.recipient_count`,
    [messageIds],
    { name: 'receipts_whole' },
  );
}

/** How far one person has come with one message of ours, as receipts tell it. */
export interface ReceiptRow {
  messageId: string;
  personId: string;
  deliveredAt: Date | null;
  readAt: Date | null;
  playedAt: Date | null;
}

export type ReceiptState = 'delivered' | 'read' | 'played';

/** A person's step with a message that was not known before: the furthest of the call. */
export interface NewReceipt {
  messageId: string;
  personId: string;
  state: ReceiptState;
}

/**
 * Stores who got, read and played messages in chats of more than two; the first time of each step stays. At most one row
 * for a message and a person in one call. Give a read message as delivered, too, and a played one as both.
 */
export async function putReceipts(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: ReceiptRow[],
): Promise<NewReceipt[]> {
  return tx.query<NewReceipt>(
    `with new as (
       select * from unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
              as new (message_id, person_id, delivered_at, read_at, played_at)
     ), before as (
       select r.* from message_receipts r
         join new on new.message_id = r.message_id and new.person_id = r.person_id
     ), put as (
       insert into message_receipts as r (message_id, person_id, organization_id, profile_id, delivered_at, read_at, played_at)
       select message_id, person_id, $1, $2, delivered_at, read_at, played_at from new order by message_id, person_id
       on conflict (message_id, person_id) do update
          set delivered_at = coalesce(r.delivered_at, excluded.delivered_at),
              read_at = coalesce(r.read_at, excluded.read_at), played_at = coalesce(r.played_at, excluded.played_at)
        where (r.delivered_at is null and excluded.delivered_at is not null)
           or (r.read_at is null and excluded.read_at is not null)
           or (r.played_at is null and excluded.played_at is not null)
       returning message_id, person_id, delivered_at, read_at, played_at
     ), step as (
       select put.message_id, put.person_id,
              case when put.played_at is not null and before.played_at is null then 'played'
                   when put.read_at is not null and before.read_at is null then 'read'
                   when before.delivered_at is null then 'delivered' end as state
         from put left join before on before.message_id = put.message_id and before.person_id = put.person_id
     )
     select message_id as "messageId", person_id as "personId", state from step where state is not null
      order by message_id, person_id`,
    [
      owner.organizationId,
      owner.profileId,
      rows.map((row) => row.messageId),
      rows.map((row) => row.personId),
      rows.map((row) => row.deliveredAt),
      rows.map((row) => row.readAt),
      rows.map((row) => row.playedAt),
    ],
    { name: 'receipts_put' },
  );
}

/** Who got, read and played a message, in the order in which they got it. */
export async function listReceipts(tx: Tx, messageId: string, limit: number): Promise<ReceiptRow[]> {
  return tx.query<ReceiptRow>(
    `select message_id as "messageId", person_id as "personId", delivered_at as "deliveredAt", read_at as "readAt",
            played_at as "playedAt"
       from message_receipts where message_id = $1 order by delivered_at, person_id limit $2`,
    [messageId, limit],
    { name: 'receipts_list' },
  );
}

import type { Tx } from '../transaction.js';

/**
 * What a person wrote, answered and read in chats of more than two becomes another person's, when both turn out to be
 * one. A message that was stored under each of the two is one message: the later row goes.
 */
export async function moveAuthorship(tx: Tx, keptId: string, goneId: string): Promise<void> {
  const ids = [keptId, goneId];
  await removeTwins(tx, ids);
  await tx.query('update messages set author_person_id = $1 where author_person_id = $2', ids);
  await tx.query('update message_keys set participant = $1::uuid::text where participant = $2::uuid::text', ids);
  // Of two answers of a kind the newer stays, and each step of a receipt counts from the first time.
  await tx.query(
    `with pair as (
       select g.message_id, g.kind, g.answer, g.wa_message_id, g.at from message_answers g
         join message_answers k on k.message_id = g.message_id and k.kind = g.kind and k.actor_id = $1
        where g.actor_id = $2
     ), gone as (
       delete from message_answers a using pair
        where a.message_id = pair.message_id and a.kind = pair.kind and a.actor_id = $2
     )
     update message_answers k set answer = pair.answer, wa_message_id = pair.wa_message_id, at = pair.at
       from pair
      where k.message_id = pair.message_id and k.kind = pair.kind and k.actor_id = $1 and pair.at > k.at`,
    ids,
  );
  await tx.query('update message_answers set actor_id = $1 where actor_id = $2', ids);
  await tx.query(
    `with pair as (
       select g.* from message_receipts g
         join message_receipts k on k.message_id = g.message_id and k.person_id = $1
        where g.person_id = $2
     ), gone as (
       delete from message_receipts r using pair where r.message_id = pair.message_id and r.person_id = $2
     )
     update message_receipts k
        set delivered_at = least(k.delivered_at, pair.delivered_at), read_at = least(k.read_at, pair.read_at),
            played_at = least(k.played_at, pair.played_at)
       from pair where k.message_id = pair.message_id and k.person_id = $1`,
    ids,
  );
  await tx.query('update message_receipts set person_id = $1 where person_id = $2', ids);
}

async function removeTwins(tx: Tx, [keptId, goneId]: string[]): Promise<void> {
  const twins = await tx.query<{ stays: string; goes: string }>(
    `select least(k.message_id, g.message_id) as stays, greatest(k.message_id, g.message_id) as goes
       from message_keys g
       join message_keys k on k.profile_id = g.profile_id and k.wa_message_id = g.wa_message_id
                          and k.from_me = g.from_me and k.participant = $1::uuid::text
      where g.participant = $2::uuid::text`,
    [keptId, goneId],
  );
  if (twins.length === 0) return;
  const goes = twins.map((twin) => twin.goes);
  await tx.query('delete from message_keys where participant = any($1::text[]) and message_id = any($2::uuid[])', [
    [keptId, goneId],
    goes,
  ]);
  for (const table of ['message_answers', 'message_edits', 'media_downloads']) {
    await tx.query(`delete from ${table} where message_id = any($1::uuid[])`, [goes]);
  }
  await tx.query(
    `with gone as (
       delete from messages where id = any($1::uuid[]) returning id, conversation_id, is_read
     ), counted as (
       select g.conversation_id, count(*) filter (where not g.is_read) as unread from gone g group by 1
     )
     update conversations c
        set unread_count = greatest(0, c.unread_count - counted.unread),
            last_message_id = coalesce((select twin.stays from unnest($1::uuid[], $2::uuid[]) as twin (goes, stays)
                                         where twin.goes = c.last_message_id), c.last_message_id)
       from counted where c.id = counted.conversation_id`,
    [goes, twins.map((twin) => twin.stays)],
  );
}

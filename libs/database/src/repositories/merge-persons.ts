import type { Tx } from '../transaction.js';
import { moveRecipientChats, moveRecipientsOf } from './broadcast-people.js';
import { moveMemberships } from './group-members.js';
import { moveAuthorship } from './merge-authorship.js';

/** Two conversations of a profile that became one. */
export interface ConversationMerge {
  organizationId: string;
  profileId: string;
  personId: string;
  /** The conversation that stays and now has all messages. */
  conversationId: string;
  /** The one that is gone. */
  mergedConversationId: string;
}

/**
 * Makes one person of several: the oldest stays and takes the identities, contacts and conversations of the others, and
 * what they wrote, answered and read in groups. Where a profile had a conversation with each, messages, waiting sends,
 * unread count and last message move into one.
 * Does nothing when one of them was merged by another transaction meanwhile: the caller reads again.
 */
export async function mergePersons(tx: Tx, personIds: string[]): Promise<ConversationMerge[]> {
  const ids = [...personIds].sort();
  const locked = await tx.query('select 1 from persons where id = any($1::uuid[]) order by id for update', [ids]);
  if (locked.length < ids.length) return [];
  const [keptId, ...goneIds] = ids as [string, ...string[]];
  const merges: ConversationMerge[] = [];
  for (const goneId of goneIds) {
    await moveContacts(tx, keptId, goneId);
    merges.push(...(await moveConversations(tx, keptId, goneId)));
    await moveAuthorship(tx, keptId, goneId);
    await tx.query('update opt_out_changes set person_id = $1 where person_id = $2', [keptId, goneId]);
    await tx.query('update calls set person_id = $1 where person_id = $2', [keptId, goneId]);
    await moveMemberships(tx, keptId, goneId);
    await moveRecipientsOf(tx, keptId, goneId);
    await tx.query('update identities set person_id = $1 where person_id = $2', [keptId, goneId]);
    // What was asked for one half is meant for the human.
    await tx.query('update erasures set person_id = $1 where person_id = $2', [keptId, goneId]);
    await tx.query('update data_exports set person_id = $1 where person_id = $2', [keptId, goneId]);
    await tx.query('delete from persons where id = $1', [goneId]);
  }
  return merges;
}

async function moveContacts(tx: Tx, keptId: string, goneId: string): Promise<void> {
  await tx.query(
    `with pair as (
       select k.id as kept, g.id as gone, g.name, g.push_name, g.saved_name, g.verified_name, g.about, g.picture_id,
              g.is_blocked, g.identity_changed_at, g.custom_fields, g.opted_out_at, g.opted_out_source
         from contacts g join contacts k on k.profile_id = g.profile_id and k.person_id = $1
        where g.person_id = $2
     ), filled as (
       update contacts c
          set name = coalesce(c.name, pair.name), push_name = coalesce(c.push_name, pair.push_name),
              saved_name = coalesce(c.saved_name, pair.saved_name),
              verified_name = coalesce(c.verified_name, pair.verified_name), about = coalesce(c.about, pair.about),
              picture_id = coalesce(c.picture_id, pair.picture_id), is_blocked = c.is_blocked or pair.is_blocked,
              identity_changed_at = greatest(c.identity_changed_at, pair.identity_changed_at),
              custom_fields = pair.custom_fields || c.custom_fields,
              -- Who wanted no campaigns under one address wants none under the other.
              opted_out_at = coalesce(c.opted_out_at, pair.opted_out_at),
              opted_out_source = case when c.opted_out_at is null then pair.opted_out_source else c.opted_out_source end,
              updated_at = now()
         from pair where c.id = pair.kept
     ), tagged as (
       insert into contact_tags (contact_id, organization_id, profile_id, tag, created_at)
       select pair.kept, t.organization_id, t.profile_id, t.tag, t.created_at
         from contact_tags t join pair on pair.gone = t.contact_id
       on conflict do nothing
     )
     delete from contacts c using pair where c.id = pair.gone`,
    [keptId, goneId],
  );
  await tx.query('update contacts set person_id = $1 where person_id = $2', [keptId, goneId]);
}

async function moveConversations(tx: Tx, keptId: string, goneId: string): Promise<ConversationMerge[]> {
  const pairs = await tx.query<ConversationMerge>(
    `select g.organization_id as "organizationId", g.profile_id as "profileId", $1 as "personId",
            k.id as "conversationId", g.id as "mergedConversationId"
       from conversations g join conversations k on k.profile_id = g.profile_id and k.person_id = $1
      where g.person_id = $2 order by g.id`,
    [keptId, goneId],
  );
  if (pairs.length > 0) {
    const kept = pairs.map((pair) => pair.conversationId);
    const gone = pairs.map((pair) => pair.mergedConversationId);
    const each = 'unnest($1::uuid[], $2::uuid[]) as pair (kept, gone)';
    // Outbox, messages, conversations: the order in which every transaction locks them.
    for (const table of ['outbox', 'messages']) {
      await tx.query(
        `update ${table} t set conversation_id = pair.kept from ${each} where t.conversation_id = pair.gone`,
        [kept, gone],
      );
    }
    await tx.query(
      `update conversations k
          set unread_count = k.unread_count + g.unread_count,
              last_message_id = case when g.last_message_at > k.last_message_at or k.last_message_at is null
                                     then g.last_message_id else k.last_message_id end,
              last_message_at = greatest(k.last_message_at, g.last_message_at),
              last_inbound_at = greatest(k.last_inbound_at, g.last_inbound_at),
              last_outbound_at = greatest(k.last_outbound_at, g.last_outbound_at),
              cleared_at = greatest(k.cleared_at, g.cleared_at),
              cleared_through = greatest(k.cleared_through, g.cleared_through),
              is_archived = k.is_archived or g.is_archived,
              pinned_at = coalesce(k.pinned_at, g.pinned_at),
              muted_until = greatest(k.muted_until, g.muted_until),
              is_marked_unread = k.is_marked_unread or g.is_marked_unread,
              disappears_in_seconds = coalesce(k.disappears_in_seconds, g.disappears_in_seconds),
              -- Work that one of them still has is not done.
              status = case when g.status = 'open' then 'open' else k.status end,
              snoozed_until = case when g.status = 'open' then null else k.snoozed_until end,
              assigned_user_id = coalesce(k.assigned_user_id, g.assigned_user_id),
              created_at = least(k.created_at, g.created_at)
         from ${each}, conversations g
        where k.id = pair.kept and g.id = pair.gone`,
      [kept, gone],
    );
    // Whoever wrote under either address has written.
    await tx.query(
      `update outbox o set standing = 0
         from conversations k
        where k.id = any($1::uuid[]) and k.last_inbound_at is not null and o.conversation_id = k.id and o.standing > 0`,
      [kept],
    );
    await tx.query(
      `insert into label_links (label_id, organization_id, conversation_id, wa_message_id)
       select l.label_id, l.organization_id, pair.kept, l.wa_message_id
         from label_links l join ${each} on l.conversation_id = pair.gone
       on conflict do nothing`,
      [kept, gone],
    );
    await moveRecipientChats(tx, kept, gone);
    for (const table of ['conversation_notes', 'conversation_assignments', 'data_exports']) {
      await tx.query(
        `update ${table} t set conversation_id = pair.kept from ${each} where t.conversation_id = pair.gone`,
        [kept, gone],
      );
    }
    await tx.query('delete from conversations where id = any($1::uuid[])', [gone]);
  }
  await tx.query('update conversations set person_id = $1 where person_id = $2', [keptId, goneId]);
  return pairs;
}

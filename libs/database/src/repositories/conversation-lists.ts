import type { ConversationStatus } from '#contracts';
import type { Tx } from '../transaction.js';
import { notDeleted } from './cleared.js';
import { type ConversationRow, selectConversations } from './conversation-reads.js';

/** What a list of conversations is narrowed by. All of it has to fit. */
export interface ConversationFilter {
  kind?: string;
  /** With unread messages, or marked by hand; false: neither. */
  unread?: boolean;
  archived?: boolean;
  pinned?: boolean;
  muted?: boolean;
  statuses?: ConversationStatus[];
  /** Whose they are; `nobody`: those that nobody has. */
  assignee?: string | 'nobody';
  labelId?: string;
  /** The newest message was sent then or later, or before. */
  activeSince?: Date;
  activeBefore?: Date;
  /** Words of its name or of the person's names, each somewhere in them, or a part of the number. */
  name?: string;
  /** Only these, whatever they are about. */
  ids?: string[];
}

/** A part of the list, which has the conversation with the newest message first. */
export interface ConversationWindow {
  /** Beyond this one: `next` older, `previous` newer ones. */
  edge?: { lastMessageAt: Date; id: string; towards: 'next' | 'previous' };
  offset?: number;
  limit: number;
}

/** $1 to $15. */
const matches = `c.profile_id = $2 and c.organization_id = $1 and c.last_message_at is not null
  and ${notDeleted}
  and ($3::text is null or c.kind = $3)
  and ($4::boolean is null or (c.unread_count > 0 or c.is_marked_unread) = $4)
  and ($5::boolean is null or c.is_archived = $5)
  and ($6::boolean is null or (c.pinned_at is not null) = $6)
  and ($7::boolean is null or coalesce(c.muted_until > now(), false) = $7)
  and ($8::text[] is null or c.status = any($8))
  and ($9::uuid is null or c.assigned_user_id = $9) and (not $10::boolean or c.assigned_user_id is null)
  and ($11::uuid is null or exists (select from label_links l
         where l.conversation_id = c.id and l.label_id = $11 and l.wa_message_id = ''))
  and ($12::timestamptz is null or c.last_message_at >= $12) and ($13::timestamptz is null or c.last_message_at < $13)
  and ($14::text[] is null
       or lower(waypost_folded(c.name)) like all ($14)
       or c.person_id in (select k.person_id from contacts k where k.profile_id = $2 and
            lower(waypost_folded(concat_ws(' ', k.name, k.saved_name, k.push_name, k.verified_name))) like all ($14))
       or c.person_id in (select i.person_id from identities i
            where i.organization_id = $1 and i.kind = 'phone' and i.value like $15))
  and ($16::uuid[] is null or c.id = any($16))`;

async function valuesOf(tx: Tx, organizationId: string, profileId: string, filter: ConversationFilter) {
  const { assignee, name } = filter;
  const digits = name?.replaceAll(/[\s()+.-]/g, '') ?? '';
  return [
    ...[organizationId, profileId, filter.kind ?? null, filter.unread ?? null, filter.archived ?? null],
    ...[filter.pinned ?? null, filter.muted ?? null, filter.statuses ?? null],
    ...[assignee && assignee !== 'nobody' ? assignee : null, assignee === 'nobody', filter.labelId ?? null],
    ...[filter.activeSince ?? null, filter.activeBefore ?? null, name === undefined ? null : await patterns(tx, name)],
    ...[/^\d{3,}$/.test(digits) ? `%${digits}%` : null, filter.ids ?? null],
  ];
}

/** Each word anywhere in a name, folded as names are. Folding leaves nothing that LIKE would take for a sign. */
async function patterns(tx: Tx, name: string): Promise<string[]> {
  const [row] = await tx.query<{ folded: string }>('select lower(waypost_folded($1)) as folded', [name]);
  const words = row!.folded.split(' ').filter((word) => word !== '');
  // Of signs alone there is no name.
  return words.length === 0 ? ['\u0001'] : words.map((word) => `%${word}%`);
}

/**
 * A profile's inbox: conversations that have messages, the one with the newest message first. One that was deleted comes
 * back with its next message. @returns nearest to the edge first
 */
export async function listConversations(
  tx: Tx,
  organizationId: string,
  profileId: string,
  filter: ConversationFilter,
  { edge, offset, limit }: ConversationWindow,
): Promise<ConversationRow[]> {
  const isBack = edge?.towards === 'previous';
  const [sign, order] = isBack ? ['>', 'asc'] : ['<', 'desc'];
  return tx.query<ConversationRow>(
    `${selectConversations} c
      where ${matches}
        and (c.last_message_at, c.id) ${sign} (coalesce($17::timestamptz, 'infinity'),
                                               coalesce($18::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by c.last_message_at ${order}, c.id ${order} limit $19 offset $20`,
    [
      ...(await valuesOf(tx, organizationId, profileId, filter)),
      edge?.lastMessageAt ?? null,
      edge?.id ?? null,
      limit,
      offset ?? 0,
    ],
  );
}

/** How many conversations the whole list has. */
export async function countConversations(
  tx: Tx,
  organizationId: string,
  profileId: string,
  filter: ConversationFilter,
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*) from conversations c where ${matches}`,
    await valuesOf(tx, organizationId, profileId, filter),
  );
  return row!.count;
}

/** What is unread in a profile, in conversations that are in its list. */
export interface UnreadCount {
  profileId: string;
  messages: number;
  /** With unread messages, or marked by hand. */
  conversations: number;
  /** Of those, what is neither archived nor muted: what a badge shows. */
  notable: number;
}

/** Of the profiles that the transaction sees, or of those among the given; one without anything unread is there too. */
export async function countUnread(tx: Tx, organizationId: string, among?: string[]): Promise<UnreadCount[]> {
  return tx.query<UnreadCount>(
    `select p.id as "profileId", coalesce(sum(c.unread_count), 0)::int8 as messages, count(c.id) as conversations,
            count(c.id) filter (where not c.is_archived and coalesce(c.muted_until < now(), true)) as notable
       from profiles p
       left join conversations c on c.profile_id = p.id and (c.unread_count > 0 or c.is_marked_unread)
            and c.last_message_at is not null and ${notDeleted}
      where p.organization_id = $1 and ($2::uuid[] is null or p.id = any($2))
      group by p.id order by p.id`,
    [organizationId, among ?? null],
    { name: 'conversations_unread' },
  );
}

import { idFloor, idTime } from '#contracts';
import type { Tx } from '../transaction.js';
import { onOwnDevices } from './cleared.js';

/** What is asked for, in terms of rows. All of it has to fit. */
export interface MessageSearch {
  /** Words or phrases that a message has all of. */
  terms: string[];
  /** The last term may go on. */
  lastIsPrefix: boolean;
  /** Never empty. */
  profileIds: string[];
  conversationId?: string;
  /** Who wrote it: a person, or the profile itself. */
  sender?: { personId: string } | 'me';
  direction?: 'incoming' | 'outgoing';
  kinds?: string[];
  hasMedia?: boolean;
  /** On the message, or on its conversation. */
  labelId?: string;
  from?: Date;
  until?: Date;
  /** Messages older than this id. */
  before?: string;
  limit: number;
}

/** Above every id. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** How many of the newest messages are looked through before the index is asked: per message that is wanted, and at least. */
const WALK_PER_RESULT = 80;
const WALK_AT_LEAST = 3000;
/** The fewest of each of many profiles. */
const WALK_EACH = 20;
/** Then the index is asked for so many times the span of those, newest first, and at last for all that is older. */
const STEPS_INTO_INDEX = [8, 64];
/** Beyond so many profiles the mark of the organization stands for all of them. */
const MOST_PROFILE_MARKS = 50;
/** A message may be stored so much before it was sent, as the clocks of phones go. */
const CLOCK_SLACK_MS = 24 * 3600_000;

/** What a search may take at most, as PostgreSQL writes it. */
const TIME_LIMIT = '4s';

/**
 * Ids of messages with these words, newest first. The newest messages are looked through first, which soon finds what is
 * frequent; what is left is rare enough for the index of words to name all of it. The index is under no policy, and
 * every id it gives is looked up in `messages`, which is.
 * @throws the database's error with code 57014 when it takes too long
 */
export async function searchMessages(tx: Tx, organizationId: string, search: MessageSearch): Promise<string[]> {
  await tx.query(`set local statement_timeout = '${TIME_LIMIT}'`);
  const words = await wordsOf(tx, search);
  if (words === null) return [];
  const query = [...words, ...marksOf(organizationId, search)].join(' & ');
  const walk = await walkNewest(tx, organizationId, search, words.join(' & '));
  if (walk.ids.length >= search.limit || walk.horizon === null) return walk.ids.slice(0, search.limit);
  const found = walk.ids;
  const steps = stepsBefore(walk.horizon, walk.newest ?? walk.horizon, lowestId(search));
  for (let step = 1; step < steps.length && found.length < search.limit; step++) {
    const range = { before: steps[step - 1]!, notBefore: steps[step]! };
    const rest = { ...search, limit: search.limit - found.length };
    found.push(...(await askIndex(tx, organizationId, rest, range, query)));
  }
  return found;
}

/**
 * Where the steps into the index begin and end, from the newest id to the oldest. What is frequent is found in the first
 * of them; phrases of frequent words would else have each message looked up that has the words anywhere.
 */
function stepsBefore(horizon: string, newest: string, oldest: string): string[] {
  const end = idTime(horizon);
  const span = Math.max(1, idTime(newest) - end);
  const between = STEPS_INTO_INDEX.map((times) => idFloor(new Date(Math.max(0, end - times * span))));
  return [horizon, ...between.filter((id) => id > oldest), oldest];
}

/** Whether anything is left of the terms that can be searched for. */
export async function hasSearchableWords(tx: Tx, terms: string[]): Promise<boolean> {
  return (await wordsOf(tx, { terms, lastIsPrefix: false })) !== null;
}

/** The terms as queries of PostgreSQL; null when they have no letter or digit. */
async function wordsOf(
  tx: Tx,
  { terms, lastIsPrefix }: Pick<MessageSearch, 'terms' | 'lastIsPrefix'>,
): Promise<string[] | null> {
  const rows = await tx.query<{ query: string }>(
    `select phraseto_tsquery('simple', waypost_folded(term))::text as query
       from unnest($1::text[]) with ordinality as asked (term, position) order by position`,
    [terms],
    { name: 'search_words' },
  );
  const queries = rows.map(({ query }) => query);
  if (lastIsPrefix && queries.at(-1)) queries.push(`${queries.pop()}:*`);
  const words = queries.filter((query) => query !== '' && query !== ':*').map((query) => `(${query})`);
  return words.length > 0 ? words : null;
}

/** Marks that the index has of where and what a message is (waypost_search_words). */
function marksOf(organizationId: string, search: MessageSearch): string[] {
  const { profileIds, conversationId, sender, direction, kinds, hasMedia } = search;
  const scope = conversationId
    ? mark('c', conversationId)
    : profileIds.length > MOST_PROFILE_MARKS
      ? mark('o', organizationId)
      : oneOf(profileIds.map((id) => mark('p', id)));
  return [
    scope,
    ...(sender === 'me' || direction === 'outgoing' ? ["'=outgoing'"] : []),
    // In a chat of two the person is the chat's, and no mark tells.
    ...((sender && sender !== 'me') || direction === 'incoming' ? ["'=incoming'"] : []),
    ...(kinds ? [oneOf(kinds.map((kind) => `'=${kind}'`))] : []),
    ...(hasMedia === undefined ? [] : [hasMedia ? "'=media'" : "!'=media'"]),
  ];
}

const mark = (letter: string, id: string): string => `'=${letter}${id.slice(-12)}'`;
const oneOf = (marks: string[]): string => `(${marks.join(' | ')})`;

/**
 * What besides the words has to fit, as the rows say it: $1 to $10 of every statement. Marks only make the way shorter:
 * two things may share one.
 */
const conditions = `m.organization_id = $1 and m.profile_id = any($2::uuid[])
  and ($3::uuid is null or m.conversation_id = $3)
  and m.target_message_id is null and m.revoked_at is null and ${onOwnDevices}
  and ($4::text is null or m.direction = $4) and ($5::text[] is null or m.kind = any($5))
  and ($6::boolean is null or (m.content ? 'media') = $6)
  and ($7::uuid is null or (m.direction = 'incoming' and coalesce(m.author_person_id, c.person_id) = $7))
  and ($8::uuid is null or exists (select from label_links l where l.label_id = $8
         and l.conversation_id = m.conversation_id and l.wa_message_id in ('', m.wa_message_id)))
  and ($9::timestamptz is null or m.sent_at >= $9) and ($10::timestamptz is null or m.sent_at < $10)`;

function conditionValues(organizationId: string, search: MessageSearch): unknown[] {
  const { sender } = search;
  return [
    organizationId,
    search.profileIds,
    search.conversationId ?? null,
    sender === 'me' ? 'outgoing' : (search.direction ?? null),
    search.kinds ?? null,
    search.hasMedia ?? null,
    sender && sender !== 'me' ? sender.personId : null,
    search.labelId ?? null,
    search.from ?? null,
    search.until ?? null,
  ];
}

/** No message that was sent from then on has a lower id. */
function lowestId({ from }: MessageSearch): string {
  return from
    ? idFloor(new Date(Math.max(0, from.getTime() - CLOCK_SLACK_MS)))
    : '00000000-0000-0000-0000-000000000000';
}

/**
 * The newest messages with the words, among the newest so many of each profile, or of the conversation.
 * @returns with the newest id, and the id from which on all were looked at; null when there are no older ones
 */
async function walkNewest(
  tx: Tx,
  organizationId: string,
  search: MessageSearch,
  words: string,
): Promise<{ ids: string[]; newest: string | null; horizon: string | null }> {
  const scopes = search.conversationId ? [search.conversationId] : search.profileIds;
  const column = search.conversationId ? 'conversation_id' : 'profile_id';
  const inAll = Math.max(WALK_AT_LEAST, WALK_PER_RESULT * search.limit);
  const [walked] = await tx.query<{ ids: string[]; newest: string | null; horizon: string | null }>(
    `with recent as materialized (
       select scope.id as scope, r.id
         from unnest($11::uuid[]) as scope (id)
        cross join lateral (select id from messages where ${column} = scope.id and id < $12 and id >= $13
                             order by id desc limit $14) r
     ), horizon as (
       select max(lowest)::uuid as id
         from (select min(id::text) as lowest from recent group by scope having count(*) = $14) full_ones
     )
     select (select id from horizon) as horizon, (select max(id::text) from recent) as newest,
            array(select m.id
                    from recent r join message_search s on s.message_id = r.id and s.words @@ $15::tsquery
                    join messages m on m.id = r.id join conversations c on c.id = m.conversation_id
                   where r.id >= coalesce((select id from horizon), $13) and ${conditions}
                   order by m.id desc limit $16) as ids`,
    [
      ...conditionValues(organizationId, search),
      scopes,
      search.before ?? lastId,
      lowestId(search),
      Math.max(Math.ceil(inAll / scopes.length), WALK_EACH),
      words,
      search.limit,
    ],
  );
  return walked!;
}

/** The messages of a range with the words and marks in the index, newest first, looked up until there are enough. */
async function askIndex(
  tx: Tx,
  organizationId: string,
  search: MessageSearch,
  { before, notBefore }: { before: string; notBefore: string },
  query: string,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    // `offset 0` keeps the order of the steps: what the index has is sorted, and looked up one by one.
    `select hit.message_id as id
       from (select message_id from message_search
              where words @@ $13::tsquery and message_id < $11 and message_id >= $12
              order by message_id desc offset 0) hit
      cross join lateral (select from messages m join conversations c on c.id = m.conversation_id
                           where m.id = hit.message_id and ${conditions} offset 0) found
      order by hit.message_id desc limit $14`,
    [...conditionValues(organizationId, search), before, notBefore, query, search.limit],
  );
  return rows.map(({ id }) => id);
}

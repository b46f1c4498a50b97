import { type Actor, errors, eventActor, type MessageParty, type NewEvent, newId, type ProfileId } from '#contracts';
import {
  addNews,
  ensureConversations,
  findQuotable,
  findSendingProfile,
  insertMediaObjects,
  insertQueued,
  type Lane,
  type QueuedRow,
  readParties,
  resolvePersons,
  type SendingProfile,
  type Tx,
} from '#database';
import { toJid } from '#engine';
import type { TakenMedia } from './media-intake.js';
import type { MessageDraft } from './message-draft.js';
import type { MessageRecord } from './message-view.js';
import { newWaMessageId } from './wa-message-id.js';

export interface QueueRequest {
  profileId: ProfileId;
  /** Interactive messages go out before those of campaigns. */
  lane: Lane;
  /** At least one. They are queued in this order. */
  drafts: MessageDraft[];
  batchId?: string;
}

/** What was queued, and the events that the caller appends at the end of its transaction, in the same order. */
export interface Queued {
  messages: MessageRecord[];
  events: NewEvent<'message.queued'>[];
  profile: SendingProfile;
}

/**
 * Writes messages as queued inside the caller's transaction, in a number of statements that does not depend on how many
 * they are. The engine that owns the profile is woken after the commit. The caller appends `events`, last.
 * @throws errors.notFound (the profile), profileNotLinked, quotedMessageNotFound
 */
export async function queueMessages(
  tx: Tx,
  actor: Actor,
  request: QueueRequest,
  settings: { expiryMs: number },
): Promise<Queued> {
  const { organizationId } = actor;
  const { profileId, drafts } = request;
  const profile = await getSendingProfile(tx, actor, profileId);

  const { personIds } = await resolvePersons(
    tx,
    organizationId,
    drafts.map((draft) => draft.to),
  );
  const conversationIds = await ensureConversations(tx, { organizationId, profileId }, personIds);
  const parties = await readParties(tx, profileId, personIds);
  const quotedIds = await resolveQuotes(tx, profileId, drafts, conversationIds);

  const acceptedAt = new Date();
  const rows = drafts.map((draft, index): QueuedRow => {
    const notBefore = draft.notBefore ?? acceptedAt;
    return {
      id: newId(),
      conversationId: conversationIds[index]!,
      waMessageId: newWaMessageId(),
      content: draft.content,
      quotedWaMessageId: quotedIds[index] ?? null,
      notBefore,
      expiresAt: new Date(notBefore.getTime() + settings.expiryMs),
    };
  });
  const media = distinctMedia(drafts);
  if (media.length > 0)
    await insertMediaObjects(
      tx,
      organizationId,
      media.map((file) => ({ ...file, id: file.mediaId })),
    );
  const batchId = request.batchId ?? null;
  await insertQueued(tx, { organizationId, profileId, lane: request.lane, batchId, acceptedAt }, rows);
  await addNews(tx, newsOf(rows, acceptedAt));
  tx.wake('outbox', profileId);

  const messages = rows.map((row, index) => recordOf(row, parties[index]!, { profileId, batchId, acceptedAt }));
  return { messages, events: rows.map((row, index) => queuedEvent(actor, messages[index]!, row.notBefore)), profile };
}

/**
 * The profile, if it can take messages. Connected or not does not matter: they wait.
 * @throws errors.notFound, profileNotLinked
 */
export async function getSendingProfile(tx: Tx, actor: Actor, profileId: ProfileId): Promise<SendingProfile> {
  const profile = await findSendingProfile(tx, actor.organizationId, profileId);
  if (!profile) throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });
  if (!isLinked(profile)) throw errors.profileNotLinked({ details: { profileId } });
  return profile;
}

/** A phone is linked and was not logged out since. */
function isLinked(profile: SendingProfile): boolean {
  return (
    profile.phoneNumber !== null &&
    !['logged_out', 'pairing'].includes(profile.state) &&
    profile.code !== 'pairing_expired'
  );
}

/** The WhatsApp id of what each draft answers. It has to be in the same chat: WhatsApp shows nothing else as an answer. */
async function resolveQuotes(
  tx: Tx,
  profileId: string,
  drafts: MessageDraft[],
  conversationIds: string[],
): Promise<(string | null)[]> {
  const names = [...new Set(drafts.flatMap((draft) => draft.quoted ?? []))];
  if (names.length === 0) return drafts.map(() => null);
  const found = await findQuotable(tx, profileId, names);
  return drafts.map(({ quoted }, index) => {
    if (quoted === undefined) return null;
    const message = found.get(quoted)!.find((one) => one.conversationId === conversationIds[index]);
    if (!message) throw errors.quotedMessageNotFound({ details: { quotedMessageId: quoted } });
    return message.waMessageId;
  });
}

function distinctMedia(drafts: MessageDraft[]): TakenMedia[] {
  return [
    ...new Map(drafts.flatMap((draft) => (draft.media ? [[draft.media.mediaId, draft.media] as const] : []))).values(),
  ];
}

/** The last of the new messages in each conversation. */
function newsOf(rows: QueuedRow[], at: Date) {
  const last = new Map(rows.map((row) => [row.conversationId, row.id]));
  return [...last].map(([conversationId, lastMessageId]) => ({
    conversationId,
    lastMessageId,
    lastMessageAt: at,
    unread: 0,
  }));
}

function recordOf(
  row: QueuedRow,
  party: MessageParty,
  of: { profileId: string; batchId: string | null; acceptedAt: Date },
): MessageRecord {
  return {
    id: row.id,
    waMessageId: row.waMessageId,
    profileId: of.profileId,
    conversationId: row.conversationId,
    direction: 'outgoing',
    chatId: toJid(party),
    party,
    content: row.content,
    quotedWaMessageId: row.quotedWaMessageId,
    state: 'queued',
    stateReason: null,
    batchId: of.batchId,
    isRead: false,
    sentAt: of.acceptedAt,
    deliveredAt: null,
    readAt: null,
  };
}

function queuedEvent(actor: Actor, message: MessageRecord, notBefore: Date): NewEvent<'message.queued'> {
  return {
    organizationId: actor.organizationId,
    profileId: message.profileId,
    conversationId: message.conversationId,
    name: 'message.queued',
    actor: eventActor(actor),
    payload: {
      messageId: message.id,
      waMessageId: message.waMessageId,
      conversationId: message.conversationId,
      chatId: message.chatId,
      to: message.party,
      content: message.content,
      quotedWaMessageId: message.quotedWaMessageId,
      batchId: message.batchId,
      notBefore: notBefore.toISOString(),
    },
  };
}

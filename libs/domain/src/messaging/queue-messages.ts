import { type EventActor, errors, type NewEvent, newId, type OrganizationId } from '#contracts';
import {
  addNews,
  type Chat,
  findSendingProfile,
  insertMediaObjects,
  insertQueued,
  insertStatusAudiences,
  type Lane,
  type QueuedRow,
  type SendingProfile,
  type Tx,
} from '#database';
import type { SendableContent } from '#engine';
import { assertAcceptable } from '../governor/acceptance.js';
import type { TakenMedia } from '../media/media-intake.js';
import { holdNamed } from '../uploads/upload-scope.js';
import { chatShown } from './chat-shown.js';
import type { MessageDraft } from './message-draft.js';
import type { MessageRecord } from './message-view.js';
import { findNamed } from './quotable-messages.js';
import { resolveChats } from './recipient-chats.js';
import { assertDraft } from './sendable-draft.js';
import { sentContent } from './sent-content.js';
import { newWaMessageId } from './wa-message-id.js';

/** Whose messages, and how they go out. */
export interface SendingOwner {
  organizationId: OrganizationId;
  profileId: string;
  /** Interactive messages go out before those of campaigns. */
  lane: Lane;
  batchId: string | null;
  /** What the profile's rules hold back waits, and is not refused. */
  waits?: true;
}

/** A draft, who wants it sent, and the trace that its sending belongs to. */
export type DraftBy = MessageDraft & { by: EventActor; traceParent?: string | null };

/** What was queued, and the events that the caller appends at the end of its transaction. */
export interface Queued {
  /** In the order of the drafts. */
  messages: MessageRecord[];
  /** The last ones are `message.queued` for each message, in their order. */
  events: NewEvent[];
  profile: SendingProfile;
}

/**
 * Writes messages as queued inside the caller's transaction, in a number of statements that does not depend on how many
 * they are. The engine that owns the profile is woken after the commit. The caller appends `events`, last.
 * @throws errors.notFound (the profile), profileNotLinked, quotedMessageNotFound; notSupported and validation for what
 * WhatsApp never takes; and what `assertAcceptable` throws
 */
export async function queueMessages(
  tx: Tx,
  owner: SendingOwner,
  wanted: DraftBy[],
  settings: { expiryMs: number },
): Promise<Queued> {
  const { organizationId, profileId } = owner;
  const drafts = wanted.map(asSent);
  for (const draft of drafts) assertDraft(draft);
  // Statements that do not need each other's answers travel together.
  const [profile, { chats, events }] = await Promise.all([
    getSendingProfile(tx, owner, profileId),
    resolveChats(
      tx,
      owner,
      drafts.map((draft) => draft.to),
    ),
  ]);
  const quotedIds = await resolveQuotes(tx, profileId, drafts, chats);
  if (!owner.waits && (profile.refusesHeld || profile.repeatWithinSeconds > 0)) {
    const arriving = drafts.map(({ content }, index) => ({ content, conversationId: chats[index]!.conversationId }));
    await assertAcceptable(tx, owner, profile, arriving);
  }

  const acceptedAt = new Date();
  const rows = drafts.map((draft, index): QueuedMessage => {
    const notBefore = draft.notBefore ?? acceptedAt;
    return {
      id: newId(),
      conversationId: chats[index]!.conversationId,
      waMessageId: newWaMessageId(),
      content: draft.content,
      targetMessageId: null,
      audience: draft.audience ?? null,
      quotedWaMessageId: quotedIds[index] ?? null,
      notBefore,
      expiresAt: new Date(notBefore.getTime() + settings.expiryMs),
      pauseMs: draft.pauseMs ?? null,
      traceParent: draft.traceParent ?? null,
    };
  });
  const files = distinctMedia(drafts);
  await holdNamed(tx, organizationId, files);
  const media = files.map((file) => ({ ...file, id: file.mediaId }));
  await Promise.all([
    media.length > 0 && insertMediaObjects(tx, organizationId, media),
    insertQueued(tx, { ...owner, acceptedAt }, rows),
    insertStatusAudiences(tx, owner, rows),
    addNews(tx, newsOf(rows, acceptedAt)),
  ]);
  tx.wake('outbox', profileId);

  const messages = rows.map((row, index) => recordOf(row, chats[index]!, owner, acceptedAt));
  const queued = messages.map((message, index) =>
    queuedEvent(organizationId, message, drafts[index]!.by, rows[index]!.notBefore),
  );
  return { messages, events: [...events, ...queued], profile };
}

/**
 * The profile, if it can take messages. Connected or not does not matter: they wait.
 * @throws errors.notFound, profileNotLinked
 */
export async function getSendingProfile(
  tx: Tx,
  owner: { organizationId: OrganizationId },
  profileId: string,
): Promise<SendingProfile> {
  const profile = await findSendingProfile(tx, owner.organizationId, profileId);
  if (!profile) throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });
  if (!isLinked(profile)) throw errors.profileNotLinked({ details: { profileId } });
  return profile;
}

/** A phone is linked and was not logged out since. */
function isLinked({ phoneNumber, state, code }: SendingProfile): boolean {
  return phoneNumber !== null && state !== 'logged_out' && state !== 'pairing' && code !== 'pairing_expired';
}

/**
 * The WhatsApp id of what each draft answers. It has to be in the same chat, or a status of the person of this chat:
 * WhatsApp shows nothing else as an answer.
 */
async function resolveQuotes(
  tx: Tx,
  profileId: string,
  drafts: MessageDraft[],
  chats: Chat[],
): Promise<(string | null)[]> {
  const names = [...new Set(drafts.flatMap((draft) => draft.quoted ?? []))];
  if (names.length === 0) return drafts.map(() => null);
  const found = await findNamed(tx, profileId, names);
  return drafts.map(({ quoted }, index) => {
    if (quoted === undefined) return null;
    const { conversationId, party } = chats[index]!;
    const message = found
      .get(quoted)!
      .find((one) => one.conversationId === conversationId || (one.statusOf && one.statusOf === party?.personId));
    if (!message) throw errors.quotedMessageNotFound({ details: { quotedMessageId: quoted } });
    return message.waMessageId;
  });
}

/** What is stored, told and shown is what goes out. Files that do not go out are left to the sweeper. */
function asSent(draft: DraftBy): DraftBy {
  const content = sentContent(draft.content);
  return content === draft.content ? draft : { ...draft, content, media: undefined };
}

function distinctMedia(drafts: MessageDraft[]): TakenMedia[] {
  const files = drafts.flatMap(({ media }) => media ?? []);
  return [...new Map(files.map((file) => [file.mediaId, file])).values()];
}

/** The last of the new messages in each conversation. */
function newsOf(rows: QueuedRow[], at: Date) {
  const last = new Map(rows.map((row) => [row.conversationId, row.id]));
  return [...last].map(([conversationId, lastMessageId]) => ({
    conversationId,
    lastMessageId,
    lastMessageAt: at,
    lastOutboundAt: at,
    unread: 0,
  }));
}

type QueuedMessage = QueuedRow & { content: SendableContent };

function recordOf(row: QueuedMessage, chat: Chat, owner: SendingOwner, acceptedAt: Date): MessageRecord {
  return {
    id: row.id,
    waMessageId: row.waMessageId,
    profileId: owner.profileId,
    conversationId: row.conversationId,
    direction: 'outgoing',
    chat: chatShown(chat),
    party: chat.party,
    author: null,
    content: row.content,
    quotedWaMessageId: row.quotedWaMessageId,
    state: 'queued',
    stateReason: null,
    batchId: owner.batchId,
    isRead: false,
    sentAt: acceptedAt,
    deliveredAt: null,
    readAt: null,
    editedAt: null,
    revokedAt: null,
    isStarred: false,
    pinnedUntil: null,
    answers: [],
  };
}

function queuedEvent(
  organizationId: string,
  message: MessageRecord,
  actor: EventActor,
  notBefore: Date,
): NewEvent<'message.queued'> {
  return {
    organizationId,
    profileId: message.profileId,
    conversationId: message.conversationId,
    name: 'message.queued',
    actor,
    payload: {
      messageId: message.id,
      waMessageId: message.waMessageId,
      conversationId: message.conversationId,
      chatId: message.chat.id,
      chat: message.chat,
      to: message.party,
      content: message.content,
      quotedWaMessageId: message.quotedWaMessageId,
      batchId: message.batchId,
      notBefore: notBefore.toISOString(),
    },
  };
}

import { Injectable } from '@nestjs/common';
import { type Actor, type ConversationId, errors, type MessageId, type ProfileId } from '#contracts';
import {
  countAnswers,
  Database,
  findConversation,
  findMessages,
  findProfile,
  listConversationMessages,
  listProfileMessages,
  type MessageFilter,
  type MessageList,
  type MessageRow,
  type MessageWindow,
  readParties,
  type Tx,
} from '#database';
import { waitingFor } from '../governor/waiting-for.js';
import { senderOf } from '../search/sender.js';
import { chatShown } from './chat-shown.js';
import type { MessageRecord } from './message-view.js';

/** What part of the messages is asked for; the sender as callers name one (search/sender.ts). */
export type MessagesAsked = MessageWindow & {
  filter: Omit<MessageFilter, 'sender'> & { sender?: string };
  offset?: number;
  limit: number;
};

/** Reads messages. Every read is scoped by the actor: what belongs to others is not found. */
@Injectable()
export class MessageHistory {
  constructor(private readonly db: Database) {}

  /** @throws errors.notFound */
  async get(actor: Actor, id: MessageId): Promise<MessageRecord> {
    const [message] = await this.find(actor, [id]);
    if (!message) throw notFound(id);
    return message;
  }

  /** Those of the messages that exist, in no order. */
  find(actor: Actor, ids: MessageId[]): Promise<MessageRecord[]> {
    return this.db.tenant(actor, async (tx) => recordsOf(tx, await findMessages(tx, actor.organizationId, ids)));
  }

  /**
   * A profile's messages that fit, nearest to the window's edge first: before an id (or from the end) the newer ones come
   * first, after an id the older ones.
   * @throws errors.notFound (the profile), validation for a sender that names nobody
   */
  listOfProfile(actor: Actor, profileId: ProfileId, list: MessagesAsked): Promise<MessageRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const { organizationId } = actor;
      const asked = await listOf(tx, organizationId, list);
      return asked ? recordsOf(tx, await listProfileMessages(tx, organizationId, profileId, asked)) : [];
    });
  }

  /** The same of a conversation. @throws errors.notFound (the conversation), validation */
  listOfConversation(actor: Actor, conversationId: ConversationId, list: MessagesAsked): Promise<MessageRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      const { organizationId } = actor;
      if (!(await findConversation(tx, organizationId, conversationId))) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
      }
      const asked = await listOf(tx, organizationId, list);
      return asked ? recordsOf(tx, await listConversationMessages(tx, organizationId, conversationId, asked)) : [];
    });
  }
}

/** Null when the sender is nobody here, so that nothing can fit. */
async function listOf(tx: Tx, organizationId: string, { filter, ...list }: MessagesAsked): Promise<MessageList | null> {
  const { sender, ...rest } = filter;
  const by = sender === undefined ? undefined : await senderOf(tx, organizationId, sender);
  return by === null ? null : { ...list, filter: { ...rest, sender: by } };
}

/** @throws errors.notFound when the actor's organization has no such profile. */
export async function assertProfile(tx: Tx, actor: Actor, profileId: ProfileId): Promise<void> {
  if (await findProfile(tx, { organizationId: actor.organizationId }, profileId)) return;
  throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });
}

function notFound(messageId: MessageId) {
  return errors.notFound({ message: 'There is no such message.', details: { messageId } });
}

/** Completes rows with the persons that they name, the answers to them and why they wait: one read each. */
export async function recordsOf(tx: Tx, rows: MessageRow[]): Promise<MessageRecord[]> {
  const partyOf = await partiesOf(tx, rows);
  const answers = await countAnswers(
    tx,
    rows.map((row) => row.id),
  );
  const queued = rows.filter(({ state }) => state === 'queued').map(({ id }) => id);
  const reasons = await waitingFor(tx, queued);
  return rows.map((row) => {
    const { kind, roomId, chatName, personId, authorPersonId, ...facts } = row;
    const party = partyOf(row, personId);
    const writtenBy = row.direction === 'outgoing' ? null : (authorPersonId ?? personId);
    return {
      ...facts,
      chat: chatShown({ kind, roomId, name: chatName, phone: party?.phone ?? null, lid: party?.lid ?? null }),
      party,
      author: partyOf(row, writtenBy),
      waitingFor: reasons.get(row.id) ?? null,
      answers: answers.filter((answer) => answer.messageId === row.id),
    };
  });
}

/** Who persons are for the profile of a row. */
async function partiesOf(tx: Tx, rows: MessageRow[]) {
  const found = new Map<string, MessageRecord['party']>();
  for (const profileId of new Set(rows.map((row) => row.profileId))) {
    const ofProfile = rows.filter((row) => row.profileId === profileId);
    const personIds = [
      ...new Set(ofProfile.flatMap(({ personId, authorPersonId }) => [personId ?? [], authorPersonId ?? []].flat())),
    ];
    const parties = await readParties(tx, profileId, personIds);
    for (const [index, id] of personIds.entries()) found.set(`${profileId} ${id}`, parties[index]!);
  }
  return (row: MessageRow, personId: string | null) => (personId && found.get(`${row.profileId} ${personId}`)) || null;
}

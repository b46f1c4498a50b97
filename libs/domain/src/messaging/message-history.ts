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
  type MessageRow,
  type MessageWindow,
  readParties,
  type Tx,
} from '#database';
import { waitingFor } from '../governor/waiting-for.js';
import { chatShown } from './chat-shown.js';
import type { MessageRecord } from './message-view.js';

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

  /** A profile's messages, newest first. @throws errors.notFound (the profile) */
  listOfProfile(actor: Actor, profileId: ProfileId, filter: MessageFilter, limit: number): Promise<MessageRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return recordsOf(tx, await listProfileMessages(tx, actor.organizationId, profileId, filter, limit));
    });
  }

  /**
   * Messages of a conversation, nearest to the window's edge first: before an id (or from the end) the newer ones come
   * first, after an id the older ones.
   * @throws errors.notFound (the conversation)
   */
  listOfConversation(
    actor: Actor,
    conversationId: ConversationId,
    window: MessageWindow,
    limit: number,
  ): Promise<MessageRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      if (!(await findConversation(tx, actor.organizationId, conversationId))) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
      }
      return recordsOf(tx, await listConversationMessages(tx, actor.organizationId, conversationId, window, limit));
    });
  }
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

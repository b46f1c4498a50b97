import { Injectable } from '@nestjs/common';
import { type Actor, errors, type MessageAction, type MessageId, type MessageParty } from '#contracts';
import {
  Database,
  findMessages,
  listAnswers,
  listEdits,
  listMessageEvents,
  listReceipts,
  type MessageRow,
  readMilestones,
  readParties,
  type Tx,
} from '#database';
import { type TimelineEntry, timelineOf } from './message-timeline.js';

/** More than any group of WhatsApp's has members. */
const MOST = 5_000;

/** How far one person has come with a message of ours. */
export interface PersonalReceipt {
  person: MessageParty;
  deliveredAt: Date | null;
  readAt: Date | null;
  playedAt: Date | null;
}

/** A reaction, a vote or an answer to an invitation that is in force. */
export interface PersonalAnswer {
  /** Null when it is ours. */
  person: MessageParty | null;
  answer: MessageAction;
  at: Date;
}

/** What a message said until an edit. */
export interface FormerWords {
  body: string | null;
  until: Date;
}

/** Who did what with a message: more than its view has room for. */
@Injectable()
export class MessageDetails {
  constructor(private readonly db: Database) {}

  /** Of our messages in chats of more than two; elsewhere the message itself says it all. @throws errors.notFound */
  receipts(actor: Actor, id: MessageId): Promise<PersonalReceipt[]> {
    return this.of(actor, id, async (tx, message) => {
      const rows = await listReceipts(tx, id, MOST);
      const people = await readParties(
        tx,
        message.profileId,
        rows.map((row) => row.personId),
      );
      return rows.map(({ deliveredAt, readAt, playedAt }, index) => ({
        person: people[index]!,
        ...{ deliveredAt, readAt, playedAt },
      }));
    });
  }

  /** Oldest first. @throws errors.notFound */
  answers(actor: Actor, id: MessageId): Promise<PersonalAnswer[]> {
    return this.of(actor, id, async (tx, { profileId }) => {
      const rows = await listAnswers(tx, id, MOST);
      const others = rows.map((row) => row.actorId).filter((actorId) => actorId !== profileId);
      const people = await readParties(tx, profileId, others);
      const personOf = new Map(others.map((actorId, index) => [actorId, people[index]!]));
      return rows.map(({ actorId, answer, at }) => ({ person: personOf.get(actorId) ?? null, answer, at }));
    });
  }

  /** Oldest first; none of a message that was deleted for everyone. @throws errors.notFound */
  edits(actor: Actor, id: MessageId): Promise<FormerWords[]> {
    return this.of(actor, id, async (tx, message) => {
      if (message.revokedAt !== null) return [];
      return (await listEdits(tx, id, MOST)).map(({ before, at }) => ({ body: before, until: at }));
    });
  }

  /** What happened to it, oldest first. @throws errors.notFound */
  timeline(actor: Actor, id: MessageId): Promise<{ attempts: number; state: string; entries: TimelineEntry[] }> {
    return this.of(actor, id, async (tx, message) => {
      const { organizationId } = actor;
      const events = await listMessageEvents(tx, { organizationId, profileId: message.profileId, messageId: id }, MOST);
      const milestones = await readMilestones(tx, id);
      const entries = timelineOf(message, milestones, events);
      return { attempts: milestones.attempts, state: message.state, entries };
    });
  }

  private of<T>(actor: Actor, id: MessageId, read: (tx: Tx, message: MessageRow) => Promise<T>): Promise<T> {
    return this.db.tenant(actor, async (tx) => {
      const [message] = await findMessages(tx, actor.organizationId, [id]);
      if (!message) throw errors.notFound({ message: 'There is no such message.', details: { messageId: id } });
      return read(tx, message);
    });
  }
}

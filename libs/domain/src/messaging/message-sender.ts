import type { Actor, ProfileId } from '#contracts';
import { appendEvents, type Database, type SendingProfile } from '#database';
import type { Once } from '../platform/once.js';
import type { MediaGiven, MediaIntake } from './media-intake.js';
import { type MessageDraft, mediaContent } from './message-draft.js';
import type { MessageRecord } from './message-view.js';
import { getSendingProfile, type QueueRequest, queueMessages } from './queue-messages.js';

/** Messages that were accepted: they are in the database and will end in a settled state. */
export interface Accepted {
  /** In the order of the drafts. */
  messages: MessageRecord[];
  profile: SendingProfile;
}

/** Accepted messages, and where in the profile's log they were announced. */
export interface AcceptedAt extends Accepted {
  /** Position of the last `message.queued`: whatever happens to the messages comes after it. */
  seq: number;
}

/** A message whose media is still to be taken in. */
export interface MediaDraft extends Omit<MessageDraft, 'content' | 'media'> {
  given: MediaGiven;
  caption?: string;
  /** Audio: shown as a voice message. */
  voice?: boolean;
}

/** Accepts messages for sending. The engine process that owns the profile carries them to WhatsApp. */
export class MessageSender {
  constructor(
    private readonly db: Database,
    private readonly intake: MediaIntake,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Records the messages as queued, all or none. A success means accepted, never sent. A profile that is linked but
   * offline is fine: its messages wait for it until they expire.
   * @throws errors.notFound, profileNotLinked, quotedMessageNotFound
   */
  async accept(actor: Actor, request: Omit<QueueRequest, 'batchId'>, once?: Once<Accepted>): Promise<AcceptedAt> {
    return this.db.tenant(actor, async (tx) => {
      const { messages, events, profile } = await queueMessages(tx, actor, request, this.settings);
      await once?.(tx, { messages, profile });
      const logged = await appendEvents(tx, events);
      return { messages, profile, seq: logged.at(-1)!.seq };
    });
  }

  /**
   * Takes the media in and records the message as queued. The profile is looked at first, so that nothing is fetched
   * for a message that cannot be sent anyway.
   * @throws what `accept` and `MediaIntake.take` throw
   */
  async acceptMedia(actor: Actor, profileId: ProfileId, draft: MediaDraft, once?: Once<Accepted>): Promise<AcceptedAt> {
    await this.db.tenant(actor, (tx) => getSendingProfile(tx, actor, profileId));
    const { given, caption, voice, ...rest } = draft;
    const media = await this.intake.take(given);
    const content = mediaContent(given.kind, media, { caption, voice });
    return this.accept(actor, { profileId, lane: 'interactive', drafts: [{ ...rest, content, media }] }, once);
  }
}

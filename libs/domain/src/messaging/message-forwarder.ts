import { type Actor, errors, type MessageContent, type MessageKind, type ProfileId } from '#contracts';
import { type Database, findMessages, type MessageRow } from '#database';
import type { ChatAddress, SendableContent } from '#engine';
import type { Once } from '../platform/once.js';
import type { Accepted, AcceptedAt, MessageSender } from './message-sender.js';
import { getSendingProfile } from './queue-messages.js';
import { findNamed } from './quotable-messages.js';

export interface Forward {
  profileId: ProfileId;
  /** Our id of the message, or WhatsApp's. */
  messageId: string;
  to: ChatAddress[];
}

/** What WhatsApp's phones forward. */
const forwardable: readonly MessageKind[] = [
  ...(['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts'] as const),
];

/** Says in other chats what was said in one. */
export class MessageForwarder {
  constructor(
    private readonly db: Database,
    private readonly sender: MessageSender,
  ) {}

  /**
   * Queues the same content for each chat, all or none, marked as forwarded once more than it was. Its file is not copied:
   * the new messages name the same one.
   * @throws notFound (the profile, the message), notSupported, mediaPending, mediaNotAvailable, and what
   * `MessageSender.accept` throws
   */
  async accept(actor: Actor, { profileId, messageId, to }: Forward, once?: Once<Accepted>): Promise<AcceptedAt> {
    const message = await this.db.tenant(actor, async (tx) => {
      await getSendingProfile(tx, actor, profileId);
      const named = (await findNamed(tx, profileId, [messageId])).get(messageId) ?? [];
      const ids = [...new Set(named.map(({ id }) => id))];
      // A WhatsApp id that several chats have says nothing: our id does.
      const [found] = ids.length === 1 ? await findMessages(tx, actor.organizationId, ids) : [];
      if (!found) throw errors.notFound({ message: 'There is no such message.', details: { messageId } });
      return found;
    });
    const content = forwarded(message);
    return this.sender.accept(
      actor,
      { profileId, lane: 'interactive', drafts: to.map((chat) => ({ to: chat, content })) },
      once,
    );
  }
}

function forwarded({ content, revokedAt }: MessageRow): SendableContent {
  const { mentions: _, viewOnce, disappearsInSeconds: __, forwardingScore = 0, ...said } = content;
  if (revokedAt !== null) throw refused('The message was deleted for everyone.');
  if (viewOnce) throw refused('What can be seen once cannot be forwarded.');
  if (!forwardable.includes(content.kind)) {
    throw refused(`WhatsApp does not forward messages of the type ${content.kind}.`);
  }
  assertHasFile(content);
  return { ...said, forwardingScore: forwardingScore + 1 } as SendableContent;
}

function assertHasFile(content: MessageContent): void {
  if (!('media' in content) || content.media.mediaId !== null) return;
  const { missing } = content.media;
  if (missing === undefined || missing === 'waiting') throw errors.mediaPending();
  const message =
    missing === 'on_demand'
      ? 'The file is still at WhatsApp. Fetch it first with GET /messages/{id}/media.'
      : 'The file of this message is not to be had.';
  throw errors.mediaNotAvailable({ message, details: { reason: missing } });
}

const refused = (message: string) => errors.notSupported({ message });

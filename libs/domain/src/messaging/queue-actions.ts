import {
  type EventActor,
  errors,
  type MessageAction,
  type MessageContent,
  type NewEvent,
  newId,
  type OrganizationId,
} from '#contracts';
import {
  type ActionTarget,
  chatAddressOf,
  findStatusAudience,
  insertQueued,
  lockActionTargets,
  type QueuedRow,
  readAddresses,
  readChats,
  type Tx,
} from '#database';
import type { OutgoingAction } from '#engine';
import { chatShown } from './chat-shown.js';
import type { ActionDraft } from './message-draft.js';
import { getSendingProfile } from './queue-messages.js';
import { findNamed } from './quotable-messages.js';
import { assertAction } from './sendable-draft.js';
import { newWaMessageId } from './wa-message-id.js';

/** Something that is on its way to WhatsApp, to be done to a message. */
export interface QueuedAction {
  /** Our id of the action: it has a state, like a message. */
  id: string;
  waMessageId: string;
  conversationId: string;
  messageId: string;
  action: MessageAction;
}

/** How long a pin lasts: what WhatsApp's clients offer (a day, a week, a month). */
const pinSeconds = [86_400, 604_800, 2_592_000];

/**
 * Writes an action as queued, inside the caller's transaction: a row beside the messages, which is sent in its turn
 * within the chat and settled like one. What it does is seen here when WhatsApp has it. The caller appends `events`.
 * @throws errors.notFound (the profile, the message), profileNotLinked, actionNotPossible
 */
export async function queueAction(
  tx: Tx,
  owner: { organizationId: OrganizationId; profileId: string },
  draft: ActionDraft & { by: EventActor; traceParent?: string | null },
  settings: { expiryMs: number },
): Promise<{ action: QueuedAction; events: NewEvent[] }> {
  const { organizationId, profileId } = owner;
  await getSendingProfile(tx, owner, profileId);
  const target = await findTarget(tx, profileId, draft.target);
  assertPossible(draft.action, target);
  const chat = (await readChats(tx, profileId, [target.conversationId])).get(target.conversationId)!;
  assertAction(await outgoing(tx, draft.action, target), chatAddressOf(chat), target.messageId);
  const acceptedAt = new Date();
  const notBefore = draft.notBefore ?? acceptedAt;
  const row: QueuedRow = {
    id: newId(),
    conversationId: target.conversationId,
    waMessageId: newWaMessageId(),
    content: draft.action,
    targetMessageId: target.messageId,
    audience: chat.kind === 'status' ? await findStatusAudience(tx, target.messageId) : null,
    quotedWaMessageId: null,
    notBefore,
    expiresAt: new Date(notBefore.getTime() + settings.expiryMs),
    pauseMs: null,
    traceParent: draft.traceParent ?? null,
  };
  await insertQueued(tx, { ...owner, lane: 'interactive', batchId: null, acceptedAt }, [row]);
  tx.wake('outbox', profileId);
  const { id, waMessageId, conversationId } = row;
  const action = { id, waMessageId, conversationId, messageId: target.messageId, action: draft.action };
  const event: NewEvent<'action.queued'> = {
    organizationId,
    profileId,
    conversationId,
    name: 'action.queued',
    actor: draft.by,
    payload: {
      actionId: id,
      waMessageId,
      conversationId,
      chatId: chatShown(chat).id,
      messageId: target.messageId,
      action: draft.action,
    },
  };
  return { action, events: [event] };
}

async function outgoing(tx: Tx, action: MessageAction, target: ActionTarget): Promise<OutgoingAction> {
  const { waMessageId, fromMe, authorPersonId, content } = target;
  const author = authorPersonId && (await readAddresses(tx, [authorPersonId])).get(authorPersonId);
  return { action, target: { waMessageId, fromMe, author: author || null }, targetContent: content };
}

async function findTarget(tx: Tx, profileId: string, name: string): Promise<ActionTarget> {
  const found = (await findNamed(tx, profileId, [name])).get(name) ?? [];
  const ids = [...new Set(found.map((message) => message.id))];
  // A WhatsApp id that several chats have says nothing: our id does.
  const target = ids.length === 1 ? (await lockActionTargets(tx, ids)).get(ids[0]!) : undefined;
  if (!target) throw errors.notFound({ message: 'There is no such message.', details: { messageId: name } });
  return target;
}

/** What can be known before the wire. Ages and rights are WhatsApp's to judge: then the action fails with its reason. */
function assertPossible(action: MessageAction, target: ActionTarget): void {
  if (target.revokedAt !== null) refuse(target, 'message_deleted', 'The message was deleted for everyone.');
  switch (action.kind) {
    case 'edit':
      if (!target.fromMe) refuse(target, 'not_own_message', 'Only the author of a message can edit it.');
      if (!hasWords(target.content)) refuse(target, 'nothing_to_edit', 'This kind of message has no words to edit.');
      break;
    case 'pin':
      if (action.seconds !== null && !pinSeconds.includes(action.seconds)) {
        refuse(target, 'pin_duration', `A pin lasts ${pinSeconds.join(', ')} seconds.`);
      }
      break;
    case 'poll_vote': {
      const { content } = target;
      if (content.kind !== 'poll') refuse(target, 'not_a_poll', 'Only polls can be voted in.');
      if (action.options.some((option) => !content.options.includes(option))) {
        refuse(target, 'unknown_option', 'The poll has no such option.');
      }
      if (content.selectable > 0 && action.options.length > content.selectable) {
        refuse(target, 'too_many_options', `At most ${content.selectable} options can be chosen in this poll.`);
      }
      break;
    }
    case 'event_response':
      if (target.content.kind !== 'event') refuse(target, 'not_an_event', 'Only invitations can be answered.');
  }
}

function refuse(target: ActionTarget, reason: string, message: string): never {
  throw errors.actionNotPossible({ message, details: { messageId: target.messageId, reason } });
}

function hasWords({ kind }: MessageContent): boolean {
  return kind === 'text' || kind === 'image' || kind === 'video' || kind === 'document';
}

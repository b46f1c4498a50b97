import { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';
import { type Address, toJid } from '../address.js';
import type { InboundAction, InboundFact, MessageSecret, MessageTarget } from '../content.js';
import { eventResponseFrom } from './content/actions/event-response.js';
import { pollVoteFrom } from './content/actions/poll-vote.js';
import { reactionFrom } from './content/actions/reaction.js';
import { isSame } from './content/message-key.js';
import { commentOn, editWith } from './content/reading.js';
import { openSealed, type SealedPayload, type SealPurpose } from './content/sealed.js';

/** An answer that only who has the answered message can read. */
export interface SealedAnswer extends Omit<InboundAction, 'type' | 'action'> {
  type: 'sealed';
  target: MessageTarget;
  purpose: SealPurpose;
  payload: SealedPayload;
  /** The author of the target as the answer calls them. */
  named: Address | null;
}

/** What an answer says. Null when the secret does not fit, or it says nothing of the kind. */
export function openAnswer(answer: SealedAnswer, known: MessageSecret): InboundFact | null {
  const { type: _, purpose, payload, named, ...envelope } = answer;
  const { target, author } = envelope;
  const plain = openSealed(payload, purpose, known.secret, {
    waMessageId: target.waMessageId,
    authors: formsOf(named, target.author, known.author),
    answerers: formsOf(author),
  });
  if (!plain) return null;
  if (purpose === 'Enc Comment') return commentFrom(plain, envelope);
  const action = actionFrom(purpose, plain, known);
  // Others may vote and react; only who wrote it may edit.
  if (action?.kind === 'edit' && !isSame(target.author, author)) return null;
  return action && { type: 'action', ...envelope, action };
}

function actionFrom(purpose: SealPurpose, plain: Uint8Array, known: MessageSecret): MessageAction | null {
  switch (purpose) {
    case 'Poll Vote':
      return pollVoteFrom(plain, known.content);
    case 'Event Response':
      return eventResponseFrom(plain);
    case 'Enc Reaction':
      return reactionFrom(proto.Message.ReactionMessage.decode(plain));
    case 'Message Edit':
    case 'Event Edit': {
      const message = proto.Message.decode(plain);
      return editWith(message.protocolMessage?.editedMessage ?? message);
    }
    case 'Enc Comment':
      return null;
  }
}

function commentFrom(plain: Uint8Array, envelope: Omit<InboundAction, 'type' | 'action'>): InboundFact | null {
  const { target, ...from } = envelope;
  const reading = commentOn({ id: target.waMessageId }, proto.Message.decode(plain));
  return reading?.type === 'content' ? { ...reading, type: 'message', ...from } : null;
}

/** Every JID by which somebody may have been called, the likeliest first. */
function formsOf(...people: (Address | null)[]): string[] {
  const jids = people.flatMap((person) => {
    if (!person) return [];
    const { phone, lid } = person;
    return [...(lid ? [toJid({ phone: null, lid })] : []), ...(phone ? [toJid({ phone, lid: null })] : [])];
  });
  return [...new Set(jids)];
}

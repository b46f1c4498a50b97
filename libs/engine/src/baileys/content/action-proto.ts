import type { proto } from '@whiskeysockets/baileys';
import { type Address, toJid } from '../../address.js';
import type { ChatAddress } from '../../chat-address.js';
import type { MessageSecret, OutgoingAction } from '../../content.js';
import { EngineError } from '../../engine.js';
import { editProto } from './actions/edit.js';
import { eventResponseProto } from './actions/event-response.js';
import { keepProto } from './actions/keep.js';
import { pinProto } from './actions/pin.js';
import { pollVoteProto } from './actions/poll-vote.js';
import { reactionProto } from './actions/reaction.js';
import { revokeProto } from './actions/revoke.js';
import { keyOf } from './message-key.js';
import type { Naming } from './naming.js';
import type { SealContext } from './sealed.js';

export interface ActionParts {
  chat: ChatAddress;
  self: Address;
  name: Naming;
  /** What answers to the target are sealed with; null when it is not known here. */
  secret(): Promise<MessageSecret | null>;
  now: number;
}

/**
 * Builds what does something to a message.
 * @throws EngineError `target_unknown`, `no_such_option`
 */
export async function buildAction(outgoing: OutgoingAction, parts: ActionParts): Promise<proto.IMessage> {
  const { action, target, targetContent } = outgoing;
  const { chat, name, now } = parts;
  const key = keyOf(target, chat, name);
  switch (action.kind) {
    case 'reaction':
      return reactionProto(action, key, now);
    case 'edit':
      return editProto(action, key, targetContent?.kind, now, name);
    case 'revoke':
      return revokeProto(key);
    case 'pin':
      return pinProto(action, key, now);
    case 'keep':
      return keepProto(action, key, now);
    case 'poll_vote': {
      const known = await secretOf(parts);
      const poll = known.content.kind === 'poll' ? known.content : targetContent;
      const options = poll?.kind === 'poll' ? poll.options : [];
      const unknown = action.options.find((option) => !options.includes(option));
      if (unknown !== undefined) throw refused('no_such_option', `The poll has no option "${unknown}".`);
      return pollVoteProto(action, key, sealing(outgoing, known, parts), now);
    }
    case 'event_response': {
      const known = await secretOf(parts);
      return eventResponseProto(action, key, sealing(outgoing, known, parts), now);
    }
  }
}

async function secretOf({ secret }: ActionParts): Promise<MessageSecret> {
  const known = await secret();
  if (known) return known;
  throw refused('target_unknown', 'The message is not known here, or came without what answers are sealed with.');
}

/** People are called as in the chat (whatsmeow, msgsecret.go: by LID where the author is known by one). */
function sealing({ target }: OutgoingAction, known: MessageSecret, { chat, self, name }: ActionParts) {
  const author = target.fromMe ? self : (known.author ?? target.author ?? self);
  const called = chat.kind === 'user' && author.lid && self.lid ? lidOf : name;
  const context: SealContext = { waMessageId: target.waMessageId, author: called(author), answerer: called(self) };
  return { secret: known.secret, context };
}

const lidOf: Naming = ({ lid }) => toJid({ phone: null, lid });

const refused = (code: string, message: string): EngineError =>
  new EngineError(code, message, { retryable: false, outcome: 'not_sent' });

import type { ChatAddress } from '../chat-address.js';
import type { MessageTarget } from '../content.js';
import type { MethodsOf } from './ability.js';

/** Where in a chat to go on towards older messages. */
export interface OldestKnown extends MessageTarget {
  sentAt: Date;
}

/** What only the phone has, and gives when it is online. Both resolve with the id of the request, not with an answer. */
export interface HistoryAbility {
  /**
   * Asks for at most so many messages (1 to 500) of a chat that are older than the oldest known one. They come to the sink as
   * messages of the history, whatever the connection's wish for history is.
   * @throws EngineError `content_invalid`
   */
  requestOlder(chat: ChatAddress, oldest: OldestKnown, count: number): Promise<string>;
  /** Asks for one message again that could not be decrypted or came without content. It comes to the sink like any other. */
  requestAgain(chat: ChatAddress, message: MessageTarget): Promise<string>;
}

export const historyMethods: MethodsOf<HistoryAbility> = { requestOlder: 'reads', requestAgain: 'reads' };

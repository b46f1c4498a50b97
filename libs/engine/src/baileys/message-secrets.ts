import type { ChatAddress } from '../chat-address.js';
import type { MessageSecret, MessageTarget } from '../content.js';
import { contentFrom } from './content/from-message.js';
import type { DurableStore } from './durable-store.js';
import type { SentMessages } from './sent-messages.js';

/** What answers to messages are sealed with: of our own as they were sent, of others as they were stored. */
export class MessageSecrets {
  constructor(
    private readonly store: DurableStore,
    private readonly sent: SentMessages,
  ) {}

  async find(chat: ChatAddress, target: MessageTarget): Promise<MessageSecret | null> {
    return (await this.ofOurs(target)) ?? (await this.store.run((store) => store.findSecret(chat, target)));
  }

  private async ofOurs(target: MessageTarget): Promise<MessageSecret | null> {
    if (!target.fromMe) return null;
    const message = await this.sent.earlierAttempt(target.waMessageId);
    const said = message && contentFrom(message);
    return said?.secret ? { secret: said.secret, author: target.author, content: said.content } : null;
  }
}

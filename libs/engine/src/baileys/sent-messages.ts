import { proto } from '@whiskeysockets/baileys';
import type { ChatAddress } from '../chat-address.js';
import type { OutgoingContent } from '../content.js';
import { byPhone } from './content/naming.js';
import { rebuildProto } from './content/to-proto.js';
import type { DurableStore } from './durable-store.js';

/** How many messages that were sent stay in memory; retry requests come within seconds as a rule. */
const recentLimit = 200;

/**
 * Whether a message comes out the same when it is built from its row again, so that it need not be kept: plain words, in
 * which nobody is called by a name that depends on the chat.
 */
export function isRebuilt({ content, quoted }: OutgoingContent, to: ChatAddress): boolean {
  if (content.kind !== 'text' || content.preview || content.mentions?.length) return false;
  return to.kind === 'user' || !quoted;
}

/** What was sent under which id: for repeats under the same id and for devices that could not decrypt. */
export class SentMessages {
  private readonly recent = new Map<string, proto.IMessage>();

  constructor(private readonly store: DurableStore) {}

  remember(waMessageId: string, message: proto.IMessage): void {
    this.recent.delete(waMessageId);
    this.recent.set(waMessageId, message);
    if (this.recent.size > recentLimit) this.recent.delete(this.recent.keys().next().value!);
  }

  /** What was built for an earlier attempt with media, so that it is not uploaded again. */
  async earlierAttempt(waMessageId: string): Promise<proto.IMessage | undefined> {
    return this.recent.get(waMessageId) ?? (await this.kept(waMessageId));
  }

  async keep(waMessageId: string, message: proto.IMessage): Promise<void> {
    const bytes = proto.Message.encode(message).finish();
    const secret = message.messageContextInfo?.messageSecret ?? null;
    await this.store.run((store) => store.keepSent(waMessageId, bytes, secret));
  }

  /** Answers Baileys' `getMessage`. Undefined when it is unknown: an empty message would be sent as such. */
  async find(waMessageId: string): Promise<proto.IMessage | undefined> {
    return (await this.earlierAttempt(waMessageId)) ?? (await this.rebuilt(waMessageId));
  }

  private async kept(waMessageId: string): Promise<proto.IMessage | undefined> {
    const bytes = await this.store.run((store) => store.findSent(waMessageId));
    return bytes ? proto.Message.decode(bytes) : undefined;
  }

  private async rebuilt(waMessageId: string): Promise<proto.IMessage | undefined> {
    const sent = await this.store.run((store) => store.findSentContent(waMessageId));
    return (sent && rebuildProto(sent, byPhone)) ?? undefined;
  }
}

import type { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';

type Reaction = Extract<MessageAction, { kind: 'reaction' }>;

/** An empty text takes the reaction back. */
export function reactionFrom({ text }: proto.Message.IReactionMessage): Reaction {
  return { kind: 'reaction', emoji: text || null };
}

export function reactionProto({ emoji }: Reaction, key: proto.IMessageKey, now: number): proto.IMessage {
  return { reactionMessage: { key, text: emoji ?? '', senderTimestampMs: now } };
}

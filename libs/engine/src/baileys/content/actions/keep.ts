import { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';

type Keep = Extract<MessageAction, { kind: 'keep' }>;

export function keepFrom({ keepType }: proto.Message.IKeepInChatMessage): Keep | null {
  if (keepType === proto.KeepType.KEEP_FOR_ALL) return { kind: 'keep', kept: true };
  return keepType === proto.KeepType.UNDO_KEEP_FOR_ALL ? { kind: 'keep', kept: false } : null;
}

export function keepProto({ kept }: Keep, key: proto.IMessageKey, now: number): proto.IMessage {
  const keepType = kept ? proto.KeepType.KEEP_FOR_ALL : proto.KeepType.UNDO_KEEP_FOR_ALL;
  return { keepInChatMessage: { key, keepType, timestampMs: now } };
}

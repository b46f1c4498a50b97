import { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';
import { positive } from '../values.js';

type Pin = Extract<MessageAction, { kind: 'pin' }>;

const { Type } = proto.Message.PinInChatMessage;

/** What clients mean that name no duration. */
const weekSeconds = 604_800;

/** The duration stands beside the message, in its context. */
export function pinFrom(pin: proto.Message.IPinInChatMessage, info: proto.IMessageContextInfo): Pin | null {
  if (pin.type === Type.UNPIN_FOR_ALL) return { kind: 'pin', seconds: null };
  if (pin.type !== Type.PIN_FOR_ALL) return null;
  return { kind: 'pin', seconds: positive(info.messageAddOnDurationInSecs) ?? weekSeconds };
}

export function pinProto({ seconds }: Pin, key: proto.IMessageKey, now: number): proto.IMessage {
  const type = seconds === null ? Type.UNPIN_FOR_ALL : Type.PIN_FOR_ALL;
  return {
    pinInChatMessage: { key, type, senderTimestampMs: now },
    messageContextInfo: { messageAddOnDurationInSecs: seconds ?? 0 },
  };
}

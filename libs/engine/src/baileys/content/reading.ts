import { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';
import { editTo } from './actions/edit.js';
import { keepFrom } from './actions/keep.js';
import { pinFrom } from './actions/pin.js';
import { reactionFrom } from './actions/reaction.js';
import { contentFrom, type TranslatedContent } from './from-message.js';
import type { SealedPayload, SealPurpose } from './sealed.js';
import { type Unwrapped, unwrap } from './unwrap.js';
import { positive } from './values.js';

type Key = proto.IMessageKey | null | undefined;

/** What a message is: something said, something done to another message, or a change of its chat. */
export type Reading =
  | ({ type: 'content' } & TranslatedContent)
  | { type: 'action'; key: Key; action: MessageAction }
  /** Can be read with the secret of the message that the key names. */
  | { type: 'sealed'; key: Key; purpose: SealPurpose; payload: SealedPayload }
  /** Messages of the chat disappear from now on, or stay. */
  | { type: 'timer'; seconds: number | null };

const { Type } = proto.Message.ProtocolMessage;
const { SecretEncType } = proto.Message.SecretEncryptedMessage;

/** Reads a message. Null for what is about the session alone. */
export function read(message: proto.IMessage): Reading | null {
  const unwrapped = unwrap(message);
  const inner = unwrapped.message;
  if (inner.protocolMessage) return protocolReading(inner.protocolMessage);
  const comment = inner.commentMessage;
  if (comment?.message) return commentOn(comment.targetMessageKey, comment.message);
  const said = contentFrom(message);
  return actionIn(unwrapped) ?? sealedIn(inner) ?? (said && { type: 'content', ...said });
}

/** A comment is an answer to what it is about. */
export function commentOn(key: Key, message: proto.IMessage): Reading | null {
  const said = contentFrom(message);
  return said && { type: 'content', ...said, quotedWaMessageId: key?.id ?? said.quotedWaMessageId };
}

/** The edit that a new content means; null when it cannot be told as one. */
export function editWith(message: proto.IMessage | null | undefined): MessageAction | null {
  const said = message ? contentFrom(message) : null;
  return said && editTo(said.content);
}

function protocolReading(protocol: proto.Message.IProtocolMessage): Reading | null {
  const { key, type } = protocol;
  if (type === Type.REVOKE) return { type: 'action', key, action: { kind: 'revoke' } };
  if (type === Type.EPHEMERAL_SETTING) {
    return { type: 'timer', seconds: positive(protocol.ephemeralExpiration) ?? null };
  }
  const edit = type === Type.MESSAGE_EDIT ? editWith(protocol.editedMessage) : null;
  return edit && { type: 'action', key, action: edit };
}

function actionIn({ message, info }: Unwrapped): Reading | null {
  const { reactionMessage, pinInChatMessage, keepInChatMessage } = message;
  if (reactionMessage) return { type: 'action', key: reactionMessage.key, action: reactionFrom(reactionMessage) };
  const pin = pinInChatMessage && pinFrom(pinInChatMessage, info);
  if (pin) return { type: 'action', key: pinInChatMessage.key, action: pin };
  const keep = keepInChatMessage && keepFrom(keepInChatMessage);
  return keep ? { type: 'action', key: keepInChatMessage.key, action: keep } : null;
}

function sealedIn(message: proto.IMessage): Reading | null {
  const { pollUpdateMessage, encEventResponseMessage, encReactionMessage, encCommentMessage, secretEncryptedMessage } =
    message;
  if (pollUpdateMessage) {
    return sealed(pollUpdateMessage.pollCreationMessageKey, 'Poll Vote', pollUpdateMessage.vote);
  }
  if (encEventResponseMessage) {
    return sealed(encEventResponseMessage.eventCreationMessageKey, 'Event Response', encEventResponseMessage);
  }
  if (encReactionMessage) return sealed(encReactionMessage.targetMessageKey, 'Enc Reaction', encReactionMessage);
  if (encCommentMessage) return sealed(encCommentMessage.targetMessageKey, 'Enc Comment', encCommentMessage);
  if (!secretEncryptedMessage) return null;
  const { secretEncType, targetMessageKey } = secretEncryptedMessage;
  if (secretEncType === SecretEncType.EVENT_EDIT) return sealed(targetMessageKey, 'Event Edit', secretEncryptedMessage);
  if (secretEncType !== SecretEncType.MESSAGE_EDIT) return null;
  return sealed(targetMessageKey, 'Message Edit', secretEncryptedMessage);
}

function sealed(key: Key, purpose: SealPurpose, payload: Partial<proto.Message.IPollEncValue> | null | undefined) {
  if (!payload?.encPayload || !payload.encIv) return null;
  const { encPayload, encIv } = payload;
  return { type: 'sealed' as const, key, purpose, payload: { encPayload, encIv } };
}

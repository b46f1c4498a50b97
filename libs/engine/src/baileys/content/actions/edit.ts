import { proto } from '@whiskeysockets/baileys';
import type { MessageAction, MessageContent, MessageKind } from '#contracts';
import { interactiveText } from '../../../interactive-text.js';
import { withContext } from '../context.js';
import type { Naming } from '../naming.js';

type Edit = Extract<MessageAction, { kind: 'edit' }>;

/** Null for a new content without words, which cannot be told as an edit. */
export function editTo(content: MessageContent): Edit | null {
  const mentions = content.mentions ? { mentions: content.mentions } : {};
  switch (content.kind) {
    case 'text':
      return { kind: 'edit', text: content.text, ...mentions };
    case 'image':
    case 'video':
    case 'document':
      return { kind: 'edit', text: content.caption ?? '', ...mentions, content };
    case 'event':
      return { kind: 'edit', text: content.name, content };
    case 'buttons':
    case 'list':
    case 'carousel':
      return { kind: 'edit', text: interactiveText(content), content };
    default:
      return null;
  }
}

/** As phones have it (whatsmeow, send.go, `BuildEdit`). The id in the key is that of an own message. */
export function editProto(
  edit: Edit,
  key: proto.IMessageKey,
  target: MessageKind | undefined,
  now: number,
  name: Naming,
): proto.IMessage {
  const protocolMessage = {
    key,
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    editedMessage: editedProto(edit, target, name),
    timestampMs: now,
  };
  return { editedMessage: { message: { protocolMessage } } };
}

/** The new words, or the caption in a media message without its file. */
export function editedProto({ text, mentions }: Edit, target: MessageKind | undefined, name: Naming): proto.IMessage {
  const context = mentions?.length ? { mentionedJid: mentions.map(name) } : null;
  return withContext(bareEdit(text, target), context);
}

function bareEdit(text: string, target: MessageKind | undefined): proto.IMessage {
  switch (target) {
    case 'image':
      return { imageMessage: { caption: text } };
    case 'video':
      return { videoMessage: { caption: text } };
    case 'document':
      return { documentMessage: { caption: text } };
    default:
      return { extendedTextMessage: { text } };
  }
}

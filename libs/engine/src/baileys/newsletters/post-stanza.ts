import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import type { MessageAction, MessageKind } from '#contracts';
import { type RoomChat, toChatJid } from '../../chat-address.js';
import type { MessageTarget } from '../../content.js';
import { notSupported } from '../ask.js';
import { editedProto } from '../content/actions/edit.js';
import { byPhone } from '../content/naming.js';
import { mediaType, stanzaType } from '../content/stanza-extras.js';

/**
 * A post to a newsletter: in plain, for it is public (whatsmeow, send.go, `sendNewsletter`).
 * @param mediaHandle what the media host answered to the upload of its file
 */
export function postStanza(to: RoomChat, id: string, message: proto.IMessage, mediaHandle: string | null): BinaryNode {
  const attrs = { to: toChatJid(to), id, type: stanzaType(message), ...(mediaHandle ? { media_id: mediaHandle } : {}) };
  return { tag: 'message', attrs, content: [plaintext(message)] };
}

/**
 * What is done to a post goes out under the id of the post; reactions name it by its place.
 * @throws EngineError `not_supported`
 */
export function postActionStanza(
  to: RoomChat,
  id: string,
  { action, target, targetKind }: { action: MessageAction; target: MessageTarget; targetKind?: MessageKind },
): BinaryNode {
  const jid = toChatJid(to);
  switch (action.kind) {
    case 'reaction': {
      if (!target.serverId) throw notSupported('Reactions to a post need its place in the newsletter.');
      const emoji = action.emoji;
      const attrs = { to: jid, id, type: 'reaction', server_id: target.serverId, ...(emoji ? {} : { edit: '7' }) };
      return { tag: 'message', attrs, content: [{ tag: 'reaction', attrs: emoji ? { code: emoji } : {} }] };
    }
    case 'edit': {
      const message = editedProto(action, targetKind, byPhone);
      const attrs = { to: jid, id: target.waMessageId, type: stanzaType(message), edit: '3' };
      return { tag: 'message', attrs, content: [plaintext(message)] };
    }
    case 'revoke': {
      const attrs = { to: jid, id: target.waMessageId, type: 'text', edit: '8' };
      return { tag: 'message', attrs, content: [{ tag: 'plaintext', attrs: {} }] };
    }
    default:
      throw notSupported(`Newsletters have no ${action.kind}.`);
  }
}

function plaintext(message: proto.IMessage): BinaryNode {
  const type = mediaType(message);
  return {
    tag: 'plaintext',
    attrs: type ? { mediatype: type } : {},
    content: proto.Message.encode(message).finish(),
  };
}

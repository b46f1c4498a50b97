import { proto } from '@whiskeysockets/baileys';

export function revokeProto(key: proto.IMessageKey): proto.IMessage {
  return { protocolMessage: { key, type: proto.Message.ProtocolMessage.Type.REVOKE } };
}

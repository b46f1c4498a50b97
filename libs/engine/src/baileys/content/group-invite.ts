import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { groupChat, parseChatJid, toChatJid } from '../../chat-address.js';
import { positive, present } from './values.js';

type GroupInvite = Extract<MessageContent, { kind: 'group_invite' }>;

export function groupInviteFrom(invite: proto.Message.IGroupInviteMessage): GroupInvite {
  const chat = parseChatJid(invite.groupJid);
  const expiresAt = positive(invite.inviteExpiration);
  return {
    kind: 'group_invite',
    groupId: chat?.kind === 'group' ? chat.id : '',
    code: invite.inviteCode ?? '',
    groupName: invite.groupName ?? '',
    ...present({ caption: invite.caption }),
    ...(expiresAt ? { expiresAt: new Date(expiresAt * 1000).toISOString() } : {}),
  };
}

export function groupInviteProto({ groupId, code, groupName, caption, expiresAt }: GroupInvite): proto.IMessage {
  return {
    groupInviteMessage: {
      groupJid: toChatJid(groupChat(groupId)),
      inviteCode: code,
      groupName,
      ...present({ caption }),
      ...(expiresAt ? { inviteExpiration: Math.floor(Date.parse(expiresAt) / 1000) } : {}),
    },
  };
}

import type { proto } from '@whiskeysockets/baileys';
import type { NewestMessage } from '../../abilities/chats.js';
import { type Address, toJid } from '../../address.js';
import { type ChatAddress, toChatJid } from '../../chat-address.js';
import type { MessageTarget } from '../../content.js';
import { mutedForEver, secondBefore } from '../../facts/chat-facts.js';
import type { CollectionName, NewMutation } from './collection.js';

/** Changes of settings that belong together: one patch of one collection. */
export interface SettingChange {
  collection: CollectionName;
  mutations: NewMutation[];
}

/**
 * Every change of settings that we make. Collection, version of the action and index are those of whatsmeow
 * (`appstate/encode.go`) and, for what that lacks, of Baileys (`chatModificationToAppPatch`).
 */
export const settingChanges = {
  /** Archiving a chat unpins it too, as on the phone. */
  archive(chat: ChatAddress, archived: boolean, newest: NewestMessage | null): SettingChange {
    const jid = settingJid(chat);
    const value = { archiveChatAction: { archived, messageRange: rangeOf(jid, newest) } };
    const unpin = archived ? [pinned(jid, false)] : [];
    return change('regular_low', [set(3, ['archive', jid], value), ...unpin]);
  },
  pin: (chat: ChatAddress, on: boolean) => change('regular_low', [pinned(settingJid(chat), on)]),
  mute(chat: ChatAddress, until: Date | null): SettingChange {
    const muteEndTimestamp = until && (until >= mutedForEver ? -1 : until.getTime());
    const value = { muteAction: { muted: until !== null, muteEndTimestamp } };
    return change('regular_high', [set(2, ['mute', settingJid(chat)], value)]);
  },
  markUnread(chat: ChatAddress, unread: boolean, newest: NewestMessage | null): SettingChange {
    const jid = settingJid(chat);
    const value = { markChatAsReadAction: { read: !unread, messageRange: rangeOf(jid, newest) } };
    return change('regular_low', [set(3, ['markChatAsRead', jid], value)]);
  },
  clear(chat: ChatAddress, keepStarred: boolean, newest: NewestMessage | null): SettingChange {
    const jid = settingJid(chat);
    const value = { clearChatAction: { messageRange: rangeOf(jid, newest) } };
    return change('regular_high', [set(6, ['clearChat', jid, keepStarred ? '0' : '1', '0'], value)]);
  },
  deleteChat(chat: ChatAddress, newest: NewestMessage | null): SettingChange {
    const jid = settingJid(chat);
    const value = { deleteChatAction: { messageRange: rangeOf(jid, newest) } };
    return change('regular_high', [set(6, ['deleteChat', jid, '1'], value)]);
  },
  star(chat: ChatAddress, targets: MessageTarget[], starred: boolean): SettingChange {
    const jid = settingJid(chat);
    return change(
      'regular_high',
      targets.map((target) => set(2, ['star', jid, ...pointer(chat, target)], { starAction: { starred } })),
    );
  },
  deleteForMe(chat: ChatAddress, target: MessageTarget, sentAt: Date): SettingChange {
    const index = ['deleteMessageForMe', settingJid(chat), ...pointer(chat, target)];
    const value = { deleteMessageForMeAction: { deleteMedia: true, messageTimestamp: seconds(sentAt) } };
    return change('regular_high', [set(3, index, value)]);
  },
  label: (labelId: string, label: { name: string; color: number; deleted: boolean }) =>
    change('regular', [set(3, ['label_edit', labelId], { labelEditAction: label })]),
  labelChat: (labelId: string, chat: ChatAddress, labeled: boolean) =>
    change('regular', [set(3, ['label_jid', labelId, settingJid(chat)], { labelAssociationAction: { labeled } })]),
  labelMessage: (labelId: string, chat: ChatAddress, waMessageId: string, labeled: boolean) =>
    change('regular', [
      set(3, ['label_message', labelId, settingJid(chat), waMessageId, '0', '0'], {
        labelAssociationAction: { labeled },
      }),
    ]),
  /** The index has the phone number, the LID stands in the value; who is known by LID only has a kind of their own. */
  saveContact(person: Address, { fullName, firstName }: { fullName: string; firstName?: string }): SettingChange {
    const names = { fullName, firstName: firstName ?? fullName.split(' ')[0] };
    if (!person.phone) {
      return change('critical_unblock_low', [
        set(2, ['lid_contact', `${person.lid}@lid`], { lidContactAction: names }),
      ]);
    }
    const lidJid = person.lid ? `${person.lid}@lid` : undefined;
    const value = { contactAction: { ...names, lidJid, saveOnPrimaryAddressbook: true } };
    return change('critical_unblock_low', [set(2, ['contact', toJid(person)], value)]);
  },
  removeContact(person: Address): SettingChange {
    const index = person.phone ? ['contact', toJid(person)] : ['lid_contact', `${person.lid}@lid`];
    return change('critical_unblock_low', [{ operation: 'remove', actionVersion: 2, index, value: {} }]);
  },
  pushName: (name: string) => change('critical_block', [set(1, ['setting_pushName'], { pushNameSetting: { name } })]),
} as const;

/** How settings name a chat: since accounts moved to LIDs, a person by the LID where it is known. */
export function settingJid(chat: ChatAddress): string {
  return chat.kind === 'user' && chat.lid ? `${chat.lid}@lid` : toChatJid(chat);
}

const change = (collection: CollectionName, mutations: NewMutation[]): SettingChange => ({ collection, mutations });

const set = (actionVersion: number, index: string[], value: proto.ISyncActionValue): NewMutation => ({
  operation: 'set',
  actionVersion,
  index,
  value,
});

const pinned = (jid: string, on: boolean): NewMutation => set(5, ['pin_v1', jid], { pinAction: { pinned: on } });

/** `id, fromMe, author`; the author is `0` where it follows from the chat. */
function pointer(chat: ChatAddress, { waMessageId, fromMe, author }: MessageTarget): string[] {
  const isNamed = chat.kind !== 'user' && !fromMe && author;
  return [waMessageId, fromMe ? '1' : '0', isNamed ? participantJid(author) : '0'];
}

const participantJid = (author: Address): string => (author.lid ? `${author.lid}@lid` : toJid(author));

/** Up to which message the change reaches: what arrives later is not meant. */
function rangeOf(jid: string, newest: NewestMessage | null): proto.SyncActionValue.ISyncActionMessageRange {
  if (!newest) return { lastMessageTimestamp: seconds(secondBefore(new Date())) };
  const { target, sentAt } = newest;
  const participant =
    jid.endsWith('@g.us') && !target.fromMe && target.author ? participantJid(target.author) : undefined;
  const key = { remoteJid: jid, id: target.waMessageId, fromMe: target.fromMe, participant };
  return { lastMessageTimestamp: seconds(sentAt), messages: [{ key, timestamp: seconds(sentAt) }] };
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

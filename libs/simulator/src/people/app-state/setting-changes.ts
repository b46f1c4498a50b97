import type { proto } from '../../baileys.js';
import type { CollectionName } from '../../network/app-state.js';
import type { SettingMutation } from './phone-collection.js';

/** A change of settings that a phone makes: where it belongs and what it says. */
export interface SettingChange extends SettingMutation {
  collection: CollectionName;
}

type Value = proto.ISyncActionValue;

const change = (
  collection: CollectionName,
  actionVersion: number,
  index: string[],
  value: Value | undefined,
): SettingChange => ({ collection, actionVersion, index, value });

export interface MessagePointer {
  id: string;
  fromMe: boolean;
  /** Address of the author, in groups. */
  participant?: string;
}

const pointer = ({ id, fromMe, participant }: MessagePointer): string[] => [id, fromMe ? '1' : '0', participant ?? '0'];

/**
 * Every setting a phone can change, as clients encode it: collection, version of the action and index are those of
 * Baileys (`chatModificationToAppPatch`, `processSyncAction`) and whatsmeow (`appstate/encode.go`, `appstate/keys.go`).
 */
export const settingChanges = {
  archive: (chat: string, archived: boolean) =>
    change('regular_low', 3, ['archive', chat], { archiveChatAction: { archived } }),
  pin: (chat: string, pinned: boolean) => change('regular_low', 5, ['pin_v1', chat], { pinAction: { pinned } }),
  /** `until` in milliseconds since 1970; -1 for ever; undefined ends it. */
  mute: (chat: string, until: number | undefined) =>
    change('regular_high', 2, ['mute', chat], {
      muteAction: { muted: until !== undefined, muteEndTimestamp: until },
    }),
  markRead: (chat: string, read: boolean) =>
    change('regular_low', 3, ['markChatAsRead', chat], { markChatAsReadAction: { read } }),
  clearChat: (chat: string, lastMessageTimestamp: number) =>
    change('regular_high', 6, ['clearChat', chat, '1', '0'], {
      clearChatAction: { messageRange: { lastMessageTimestamp } },
    }),
  deleteChat: (chat: string, lastMessageTimestamp: number) =>
    change('regular_high', 6, ['deleteChat', chat, '1'], {
      deleteChatAction: { messageRange: { lastMessageTimestamp } },
    }),
  star: (chat: string, message: MessagePointer, starred: boolean) =>
    change('regular_high', 2, ['star', chat, ...pointer(message)], { starAction: { starred } }),
  deleteForMe: (chat: string, message: MessagePointer, messageTimestamp: number) =>
    change('regular_high', 3, ['deleteMessageForMe', chat, ...pointer(message)], {
      deleteMessageForMeAction: { deleteMedia: true, messageTimestamp },
    }),
  lockChat: (chat: string, locked: boolean) => change('regular_low', 7, ['lock', chat], { lockChatAction: { locked } }),
  label: (id: string, label: { name: string; color: number; deleted: boolean }) =>
    change('regular', 3, ['label_edit', id], { labelEditAction: label }),
  labelChat: (labelId: string, chat: string, labeled: boolean) =>
    change('regular', 3, ['label_jid', labelId, chat], { labelAssociationAction: { labeled } }),
  labelMessage: (labelId: string, chat: string, messageId: string, labeled: boolean) =>
    change('regular', 3, ['label_message', labelId, chat, messageId, '0', '0'], {
      labelAssociationAction: { labeled },
    }),
  /** The index has the phone number; the LID stands in the value (Baileys `processContactAction`). */
  contact: (pn: string, contact: { fullName: string; lidJid: string } | undefined) =>
    change('critical_unblock_low', 2, ['contact', pn], contact && { contactAction: contact }),
  pushName: (name: string) => change('critical_block', 1, ['setting_pushName'], { pushNameSetting: { name } }),
  locale: (locale: string) => change('critical_block', 3, ['setting_locale'], { localeSetting: { locale } }),
  timeFormat: (isTwentyFourHourFormatEnabled: boolean) =>
    change('regular_low', 7, ['time_format'], { timeFormatAction: { isTwentyFourHourFormatEnabled } }),
  unarchiveChats: (unarchiveChats: boolean) =>
    change('regular_low', 4, ['setting_unarchiveChats'], { unarchiveChatsSetting: { unarchiveChats } }),
  linkPreviews: (isPreviewsDisabled: boolean) =>
    change('regular', 8, ['setting_disableLinkPreviews'], {
      privacySettingDisableLinkPreviewsAction: { isPreviewsDisabled },
    }),
  quickReply: (id: string, reply: { shortcut: string; message: string; deleted: boolean }) =>
    change('regular', 2, ['quick_reply', id], { quickReplyAction: { ...reply, count: 0, keywords: [] } }),
} as const;

import type { proto } from '@whiskeysockets/baileys';
import type { AccountFact } from '../../account-fact.js';
import { joinAddresses, parseJid } from '../../address.js';
import { type ChatAddress, parseChatJid } from '../../chat-address.js';
import type { MessageTarget } from '../../content.js';
import { mutedForEver, secondBefore } from '../../facts/chat-facts.js';
import type { FactSource } from '../../facts/fact.js';
import type { Mutation } from './collection.js';

/** What one kind of setting says. Null for a form that we do not know. */
type Reader = (mutation: Mutation, at: Date, source: FactSource) => AccountFact | null;

/**
 * The settings that are told on, by the first word of their index. The forms are those of whatsmeow (`appstate.go`,
 * `dispatchAppState`) and of Baileys (`processSyncAction`). A setting that was taken out says the same as one that is off.
 */
const readers: Record<string, Reader> = {
  archive: ({ index, value }, at, source) =>
    aboutChat(index[1], (chat) => ({
      type: 'chat_archived',
      at,
      source,
      chat,
      archived: value.archiveChatAction?.archived === true,
    })),
  pin_v1: ({ index, value }, at, source) =>
    aboutChat(index[1], (chat) => ({
      type: 'chat_pinned',
      at,
      source,
      chat,
      pinned: value.pinAction?.pinned === true,
    })),
  mute: ({ index, value }, at, source) =>
    aboutChat(index[1], (chat) => ({
      type: 'chat_muted',
      at,
      source,
      chat,
      until: value.muteAction?.muted ? muteEnd(value.muteAction.muteEndTimestamp) : null,
    })),
  markChatAsRead: ({ index, value }, at, source) =>
    aboutChat(index[1], (chat) => ({
      type: 'chat_marked',
      at,
      source,
      chat,
      unread: value.markChatAsReadAction?.read === false,
    })),
  clearChat: ({ operation, index, value }, at, source) =>
    operation === 'remove'
      ? null
      : aboutChat(index[1], (chat) => ({
          type: 'chat_cleared',
          at,
          source,
          chat,
          // Of the index: whether starred messages go too, and whether their files do.
          keepsStarred: index[2] === '0',
          ...extentOf(chat, value.clearChatAction?.messageRange, at),
        })),
  deleteChat: ({ operation, index, value }, at, source) =>
    operation === 'remove'
      ? null
      : aboutChat(index[1], (chat) => ({
          type: 'chat_deleted',
          at,
          source,
          chat,
          ...extentOf(chat, value.deleteChatAction?.messageRange, at),
        })),
  star: ({ index, value }, at, source) =>
    aboutChat(index[1], (chat) => {
      const target = targetOf(chat, index);
      return (
        target && { type: 'message_starred', at, source, chat, target, starred: value.starAction?.starred === true }
      );
    }),
  deleteMessageForMe: ({ operation, index }, at, source) =>
    operation === 'remove'
      ? null
      : aboutChat(index[1], (chat) => {
          const target = targetOf(chat, index);
          return target && { type: 'message_deleted_for_me', at, source, chat, target };
        }),
  label_edit: ({ operation, index, value }, at, source) => {
    const labelId = index[1];
    if (!labelId) return null;
    const { name, color, deleted } = value.labelEditAction ?? {};
    return {
      type: 'label_changed',
      at,
      source,
      labelId,
      name: name ?? '',
      color: color ?? 0,
      deleted: operation === 'remove' || deleted === true,
    };
  },
  label_jid: ({ operation, index, value }, at, source) =>
    aboutChat(index[2], (chat) => ({
      ...{ type: 'label_set', at, source, labelId: index[1] ?? '', on: { chat } },
      set: operation === 'set' && value.labelAssociationAction?.labeled === true,
    })),
  label_message: ({ operation, index, value }, at, source) =>
    aboutChat(index[2], (chat) =>
      index[3]
        ? {
            type: 'label_set',
            at,
            source,
            labelId: index[1] ?? '',
            on: { chat, target: { waMessageId: index[3] } },
            set: operation === 'set' && value.labelAssociationAction?.labeled === true,
          }
        : null,
    ),
  contact: ({ index, value }, at, source) =>
    savedName(index[1], value.contactAction?.lidJid, value.contactAction, at, source),
  lid_contact: ({ index, value }, at, source) => savedName(index[1], null, value.lidContactAction, at, source),
};

/** What a change of the synchronised settings says, or null for those that nothing here is made of. */
export function factOf(mutation: Mutation, source: FactSource, now: Date): AccountFact | null {
  const milliseconds = Number(mutation.value.timestamp ?? 0);
  const at = milliseconds > 0 ? new Date(milliseconds) : now;
  return readers[mutation.index[0] ?? '']?.(mutation, at, source) ?? null;
}

/** The two forms of one person's address that a setting tells together, for the Signal layer. */
export function pairOf({ index, value }: Mutation): { lid: string; pn: string } | null {
  const [kind, subject] = index;
  const lid = kind === 'contact' ? value.contactAction?.lidJid : kind === 'pn_for_lid_chat' ? subject : null;
  const pn = kind === 'contact' ? subject : value.pnForLidChatAction?.pnJid;
  return lid && pn && parseJid(lid)?.lid && parseJid(pn)?.phone ? { lid, pn } : null;
}

/** The name that the account's owner gave themselves, when this setting says it. */
export function pushNameOf({ index, value }: Mutation): string | null {
  return (index[0] === 'setting_pushName' && value.pushNameSetting?.name) || null;
}

function aboutChat(jid: string | undefined, fact: (chat: ChatAddress) => AccountFact | null): AccountFact | null {
  const chat = parseChatJid(jid);
  return chat && fact(chat);
}

/** `[kind, chat, id, fromMe, author]`, where author is `0` when it follows from the chat. */
function targetOf(chat: ChatAddress, [, , waMessageId, fromMe, author]: string[]): MessageTarget | null {
  if (!waMessageId) return null;
  const isOurs = fromMe === '1';
  const named = parseJid(author);
  const other = chat.kind === 'user' && !isOurs ? { phone: chat.phone, lid: chat.lid } : null;
  return { waMessageId, fromMe: isOurs, author: named ?? other };
}

/** How far a change of a chat reaches. Of several messages the last is the newest. */
function extentOf(
  chat: ChatAddress,
  range: proto.SyncActionValue.ISyncActionMessageRange | null | undefined,
  at: Date,
): { upTo: Date; newest: MessageTarget | null } {
  const { id, fromMe, participant } = range?.messages?.at(-1)?.key ?? {};
  const newest = id ? targetOf(chat, ['', '', id, fromMe ? '1' : '0', participant ?? '0']) : null;
  return { upTo: secondsOf(range?.lastMessageTimestamp) ?? secondBefore(at), newest };
}

function savedName(
  jid: string | undefined,
  otherForm: string | null | undefined,
  saved: { fullName?: string | null; firstName?: string | null } | null | undefined,
  at: Date,
  source: FactSource,
): AccountFact | null {
  const person = joinAddresses(parseJid(jid), parseJid(otherForm));
  if (!person) return null;
  return { type: 'person_named', at, source, person, names: { saved: saved?.fullName || saved?.firstName || null } };
}

/** Milliseconds; nothing or -1 is for ever. */
function muteEnd(milliseconds: unknown): Date {
  const value = Number(milliseconds ?? -1);
  return value > 0 ? new Date(value) : mutedForEver;
}

/** Some clients write milliseconds where seconds belong. */
function secondsOf(value: unknown): Date | null {
  const seconds = Number(value ?? 0);
  if (!(seconds > 0)) return null;
  return new Date(seconds > 100_000_000_000 ? seconds : seconds * 1000);
}

import type { ChatAddress } from '../chat-address.js';
import type { MessageTarget } from '../content.js';
import type { MethodsOf } from './ability.js';

/** The newest message of a chat: a change reaches up to it, and what arrives later is not meant. */
export interface NewestMessage {
  target: MessageTarget;
  sentAt: Date;
}

/** What came of bringing one collection of settings up to date. */
export interface SettingsSync {
  /** WhatsApp's name of the collection. */
  collection: string;
  /**
   * `damaged`: its parts do not fit together, it is read but not written; `key_missing`: the phone was asked for a key;
   * `failed`: WhatsApp did not give it out.
   */
  outcome: 'ok' | 'damaged' | 'key_missing' | 'failed';
}

/**
 * How chats stand on all devices of the account. Each method resolves when WhatsApp has taken the change over; the phone
 * follows when it is online. Every change comes back as a `ChatFact`, whoever made it. A repeat changes nothing.
 *
 * All throw EngineError `app_state_keys_missing` (retryable) as long as the phone has not shared the keys of its settings,
 * which it does soon after linking, and `app_state_damaged` when the settings can only be read.
 */
export interface ChatsAbility {
  /** Archives a chat, which also unpins it, or takes it out of the archive. */
  archive(chat: ChatAddress, archived: boolean, newest: NewestMessage | null): Promise<void>;
  /** WhatsApp shows three pinned chats at the top; more are refused by phones, not by this call. */
  pin(chat: ChatAddress, pinned: boolean): Promise<void>;
  /** Until a moment, `mutedForEver`, or null for not at all. */
  mute(chat: ChatAddress, until: Date | null): Promise<void>;
  /** Marks a chat as read or unread in the list. Sends no receipts: see `Connection.markRead`. */
  markUnread(chat: ChatAddress, unread: boolean, newest: NewestMessage | null): Promise<void>;
  /** Removes the messages up to the newest from the account's devices; others keep theirs. */
  clear(chat: ChatAddress, keepStarred: boolean, newest: NewestMessage | null): Promise<void>;
  /** Takes the chat with its messages out of the list of the account's devices. */
  remove(chat: ChatAddress, newest: NewestMessage | null): Promise<void>;
  /** All in one change. */
  star(chat: ChatAddress, targets: MessageTarget[], starred: boolean): Promise<void>;
  /** Removes one message, with its file, from the account's devices. */
  deleteForMe(chat: ChatAddress, target: MessageTarget, sentAt: Date): Promise<void>;
  /**
   * After how many seconds messages of a chat of two disappear: 86,400, 604,800 or 7,776,000; null: they stay. Tells the
   * other party by a message under this id. Of a group: see the groups ability.
   */
  setTimer(chat: ChatAddress, seconds: number | null, waMessageId: string): Promise<void>;
  /** The same for chats that begin from now on. */
  setDefaultTimer(seconds: number | null): Promise<void>;
  /** Brings all settings of the phone up to date; `anew` from nothing, which tells every fact again. */
  resync(anew: boolean): Promise<SettingsSync[]>;
}

export const chatsMethods: MethodsOf<ChatsAbility> = {
  archive: 'changes',
  pin: 'changes',
  mute: 'changes',
  markUnread: 'changes',
  clear: 'changes',
  remove: 'changes',
  star: 'changes',
  deleteForMe: 'changes',
  setTimer: 'changes',
  setDefaultTimer: 'changes',
  resync: 'reads',
};

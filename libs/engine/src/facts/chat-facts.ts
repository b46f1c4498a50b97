import type { ChatAddress } from '../chat-address.js';
import type { MessageTarget } from '../content.js';
import type { Fact } from './fact.js';

/** What the account's owner did to chats on the phone or another device (app state), or through us. */
export type ChatFact =
  | Fact<'chat_archived', { chat: ChatAddress; archived: boolean }>
  | Fact<'chat_pinned', { chat: ChatAddress; pinned: boolean }>
  /** Until when; null: not muted. `mutedForEver` for "always". A moment that has passed: not muted any more. */
  | Fact<'chat_muted', { chat: ChatAddress; until: Date | null }>
  | Fact<'chat_marked', { chat: ChatAddress; unread: boolean }>
  /**
   * Everything up to a moment is gone from this account's devices. The moment is a second of WhatsApp's clock; `newest` is
   * the last message in it that is meant, where the device names it.
   */
  | Fact<'chat_cleared', { chat: ChatAddress; keepsStarred: boolean; upTo: Date; newest: MessageTarget | null }>
  /** The chat is out of the list, with everything up to a moment, as above. A later message brings it back. */
  | Fact<'chat_deleted', { chat: ChatAddress; upTo: Date; newest: MessageTarget | null }>
  /** Messages of the chat disappear after so many seconds; null: they stay. */
  | Fact<'chat_timer_changed', { chat: ChatAddress; seconds: number | null }>
  | Fact<'message_starred', { chat: ChatAddress; target: MessageTarget; starred: boolean }>
  | Fact<'message_deleted_for_me', { chat: ChatAddress; target: MessageTarget }>
  | Fact<'label_changed', { labelId: string; name: string; color: number; deleted: boolean }>
  | Fact<'label_set', { labelId: string; on: { chat: ChatAddress; target?: { waMessageId: string } }; set: boolean }>;

/** Muted without an end. */
export const mutedForEver = new Date('9999-12-31T00:00:00.000Z');

/**
 * Up to when a chat without messages is cleared. WhatsApp counts in seconds: a message that comes in the second of the
 * change is not meant by it.
 */
export function secondBefore(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000 - 1);
}

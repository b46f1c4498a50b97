import type { ChatShown } from '#contracts';
import { type ChatColumns, chatAddressOf } from '#database';
import { toChatJid } from '#engine';

/** How a chat is shown to clients. */
export function chatShown(chat: ChatColumns & { name?: string | null }): ChatShown {
  return { kind: chat.kind, id: toChatJid(chatAddressOf(chat)), name: chat.name ?? null };
}

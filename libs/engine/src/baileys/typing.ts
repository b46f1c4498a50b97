import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { parseJid } from '../address.js';
import { type ChatAddress, parseChatJid, toChatJid } from '../chat-address.js';
import type { TypingFact } from '../content.js';

/** WhatsApp forgets "typing…" after some 25 seconds; we stay visible a little longer than the last one we showed. */
const visibleMs = 30_000;

/**
 * Shows typing to others. An account is normally "unavailable" here, so that the phone goes on ringing; "typing…" is
 * only shown for who is available, so we become that while we type. (While unavailable, our delivery receipts are of
 * type `inactive`, which senders see as delivered all the same.)
 */
export class Typing {
  private visibleUntil: NodeJS.Timeout | null = null;

  async show(sock: WASocket, chat: ChatAddress, state: TypingFact['state']): Promise<void> {
    if (state !== 'paused') await this.becomeVisible(sock);
    await sock.sendPresenceUpdate(state, toChatJid(chat));
  }

  /** The socket is gone, and the presence with it. */
  reset(): void {
    if (this.visibleUntil) clearTimeout(this.visibleUntil);
    this.visibleUntil = null;
  }

  private async becomeVisible(sock: WASocket): Promise<void> {
    const wasVisible = this.visibleUntil !== null;
    if (this.visibleUntil) clearTimeout(this.visibleUntil);
    this.visibleUntil = setTimeout(() => {
      this.visibleUntil = null;
      sock.sendPresenceUpdate('unavailable').catch(() => undefined);
    }, visibleMs);
    this.visibleUntil.unref();
    if (!wasVisible) await sock.sendPresenceUpdate('available');
  }
}

/** What a `chatstate` stanza tells; null for forms that we do not know. */
export function typingFact(node: BinaryNode): TypingFact | null {
  const chat = parseChatJid(node.attrs.from);
  const by = parseJid(node.attrs.participant ?? node.attrs.from);
  const state = Array.isArray(node.content) ? node.content[0] : undefined;
  if (!chat || !by || !state) return null;
  if (state.tag === 'paused') return { chat, by, state: 'paused' };
  if (state.tag !== 'composing') return null;
  return { chat, by, state: state.attrs.media === 'audio' ? 'recording' : 'composing' };
}

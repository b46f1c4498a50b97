import { proto } from '@whiskeysockets/baileys';
import type { ChatsAbility, NewestMessage, SettingsSync } from '../abilities/chats.js';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import type { MessageTarget } from '../content.js';
import type { AppStateSync } from './app-state/app-state-sync.js';
import { type SettingChange, settingChanges } from './app-state/setting-changes.js';
import { ask, notSupported } from './ask.js';
import type { LiveSocket } from './live-socket.js';

const { EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type;

/** See `ChatsAbility`. */
export class BaileysChats implements ChatsAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly settings: AppStateSync,
  ) {}

  archive(chat: ChatAddress, archived: boolean, newest: NewestMessage | null): Promise<void> {
    return this.change(chat, (known) => settingChanges.archive(known, archived, newest));
  }

  pin(chat: ChatAddress, pinned: boolean): Promise<void> {
    return this.change(chat, (known) => settingChanges.pin(known, pinned));
  }

  mute(chat: ChatAddress, until: Date | null): Promise<void> {
    return this.change(chat, (known) => settingChanges.mute(known, until));
  }

  markUnread(chat: ChatAddress, unread: boolean, newest: NewestMessage | null): Promise<void> {
    return this.change(chat, (known) => settingChanges.markUnread(known, unread, newest));
  }

  clear(chat: ChatAddress, keepStarred: boolean, newest: NewestMessage | null): Promise<void> {
    return this.change(chat, (known) => settingChanges.clear(known, keepStarred, newest));
  }

  remove(chat: ChatAddress, newest: NewestMessage | null): Promise<void> {
    return this.change(chat, (known) => settingChanges.deleteChat(known, newest));
  }

  async star(chat: ChatAddress, targets: MessageTarget[], starred: boolean): Promise<void> {
    if (targets.length === 0) return;
    await this.change(chat, (known) => settingChanges.star(known, targets, starred));
  }

  deleteForMe(chat: ChatAddress, target: MessageTarget, sentAt: Date): Promise<void> {
    return this.change(chat, (known) => settingChanges.deleteForMe(known, target, sentAt));
  }

  async setTimer(chat: ChatAddress, seconds: number | null, waMessageId: string): Promise<void> {
    if (chat.kind !== 'user') throw notSupported('Only chats of two are told by a message; groups have an ability.');
    const sock = this.live.socket();
    const protocolMessage = { type: EPHEMERAL_SETTING, ephemeralExpiration: seconds ?? 0 };
    // Kept first: a device that cannot read it asks for it again.
    const bytes = proto.Message.encode({ protocolMessage }).finish();
    await this.live.store.run((store) => store.keepSent(waMessageId, bytes, null));
    await ask('changing how long messages stay', () =>
      sock.relayMessage(toChatJid(chat), { protocolMessage }, { messageId: waMessageId }),
    );
    this.live.facts.add({ type: 'chat_timer_changed', at: new Date(), source: 'lookup', chat, seconds });
  }

  async setDefaultTimer(seconds: number | null): Promise<void> {
    await ask('changing how long messages stay', () => this.live.socket().updateDefaultDisappearingMode(seconds ?? 0));
  }

  async resync(anew: boolean): Promise<SettingsSync[]> {
    return this.settings.resync(anew);
  }

  private async change(chat: ChatAddress, change: (known: ChatAddress) => SettingChange): Promise<void> {
    await this.settings.push(change(await this.live.book.completeChat(chat)));
  }
}

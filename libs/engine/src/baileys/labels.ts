import type { LabelsAbility } from '../abilities/labels.js';
import type { ChatAddress } from '../chat-address.js';
import type { AppStateSync } from './app-state/app-state-sync.js';
import { settingChanges } from './app-state/setting-changes.js';
import type { LiveSocket } from './live-socket.js';

/** See `LabelsAbility`. */
export class BaileysLabels implements LabelsAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly settings: AppStateSync,
  ) {}

  save(labelId: string, { name, color }: { name: string; color: number }): Promise<void> {
    return this.settings.push(settingChanges.label(labelId, { name, color, deleted: false }));
  }

  remove(labelId: string, { name, color }: { name: string; color: number }): Promise<void> {
    return this.settings.push(settingChanges.label(labelId, { name, color, deleted: true }));
  }

  async setOnChat(labelId: string, chat: ChatAddress, set: boolean): Promise<void> {
    await this.settings.push(settingChanges.labelChat(labelId, await this.live.book.completeChat(chat), set));
  }

  async setOnMessage(labelId: string, chat: ChatAddress, waMessageId: string, set: boolean): Promise<void> {
    const known = await this.live.book.completeChat(chat);
    await this.settings.push(settingChanges.labelMessage(labelId, known, waMessageId, set));
  }
}

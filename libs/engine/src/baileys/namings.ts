import { type GroupMetadata, WAMessageAddressingMode } from '@whiskeysockets/baileys';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import { byLid, byPhone, type Naming } from './content/naming.js';

/** How people are called in each chat. With one person either way does; statuses are of LIDs. */
export class Namings {
  constructor(private readonly groups: { metadata(jid: string): Promise<GroupMetadata | undefined> }) {}

  async of(chat: ChatAddress): Promise<Naming> {
    if (chat.kind !== 'group') return chat.kind === 'status' ? byLid : byPhone;
    const group = await this.groups.metadata(toChatJid(chat));
    return group?.addressingMode === WAMessageAddressingMode.PN ? byPhone : byLid;
  }
}

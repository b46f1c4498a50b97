import { jidDecode, WAJIDDomains } from '@whiskeysockets/baileys';
import type { GroupRoster } from '../../group-roster.js';
import type { AuthState } from '../auth-state.js';
import { groupJid } from './group-queries.js';

/**
 * Our sender keys: what we encrypt messages to a group with, and which devices have got it. Whoever was removed from a
 * group still has the key; so a new one is made and handed to those who are left. Baileys rc14 never does that
 * (reference: whatsmeow forgets who has the key on each removal; the Signal app rotates it).
 */
export class GroupSenderKeys {
  constructor(private readonly auth: AuthState) {}

  /** The next message to the group makes a new key. Waits for a message that is being encrypted at the moment. */
  async rotate(groupId: string): Promise<void> {
    const jid = groupJid(groupId);
    const { id, lid } = this.auth.me;
    const names = [id, lid].flatMap((own) => senderKeyName(jid, own) ?? []);
    await this.auth.keys.set({
      'sender-key': Object.fromEntries(names.map((name) => [name, null])),
      'sender-key-memory': { [jid]: null },
    });
  }

  /** Rotates when somebody has our key who is no member: a removal that nobody told us of. */
  async rotateIfLeaked(groupId: string, { members }: GroupRoster): Promise<void> {
    const jid = groupJid(groupId);
    const found = await this.auth.keys.get('sender-key-memory', [jid]);
    const holders = Object.keys((found[jid] as object | undefined) ?? {});
    if (holders.length === 0) return;
    const { id, lid } = this.auth.me;
    const rightful = new Set([...members, ...[id, lid].flatMap((own) => jidDecode(own)?.user ?? [])]);
    if (holders.some((holder) => !rightful.has(jidDecode(holder)?.user ?? ''))) await this.rotate(groupId);
  }
}

/** As Baileys names the key (Signal/Group/sender-key-name.js, `jidToSignalProtocolAddress`). */
function senderKeyName(jid: string, own: string): string | null {
  const decoded = jidDecode(own);
  if (!decoded) return null;
  const { user, device = 0, domainType } = decoded;
  const domain = domainType === undefined || domainType === WAJIDDomains.WHATSAPP ? '' : `_${domainType}`;
  return `${jid}::${user}${domain}::${device}`;
}

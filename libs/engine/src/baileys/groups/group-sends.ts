import type { BinaryNode, GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import { jidDecode, WAMessageAddressingMode } from '@whiskeysockets/baileys';
import type { GroupRoster } from '../../group-roster.js';
import type { AuthState } from '../auth-state.js';
import { groupIdOf } from './group-node.js';
import { groupJid } from './group-queries.js';
import type { GroupRosters } from './group-rosters.js';
import type { GroupSenderKeys } from './group-sender-keys.js';
import { participantHash } from './participant-hash.js';

/** What a message stanza to a group says besides. */
export interface GroupAttributes {
  phash: string;
}

/**
 * Makes ready what a message to a group needs before it is relayed: members, their devices, sessions with those who lack
 * our sender key. The library would ask for all of that inside the transaction that holds back every other message of
 * the profile.
 */
export class GroupSends {
  /** Groups of which the devices are to be asked anew, because the server knows others. */
  private readonly doubtfulDevices = new Set<string>();

  constructor(
    private readonly auth: AuthState,
    private readonly rosters: GroupRosters,
    private readonly senderKeys: GroupSenderKeys,
  ) {}

  /**
   * Call it before each message to a group; the attributes go into its stanza (`additionalAttributes`).
   * @throws EngineError `not_allowed` when this account is no member, `not_found`, `rate_limited`
   */
  async prepare(sock: WASocket, groupId: string): Promise<GroupAttributes> {
    const roster = await this.rosters.get(groupId);
    await this.senderKeys.rotateIfLeaked(groupId, roster);
    const useCache = !this.doubtfulDevices.delete(groupId);
    const devices = await sock.getUSyncDevices(memberJids(roster), useCache, false);
    const jids = devices.map(({ jid }) => jid);
    await this.openSessions(sock, groupId, jids);
    const own = roster.addressing === 'lid' && this.auth.me.lid ? this.auth.me.lid : this.auth.me.id;
    return { phash: participantHash(new Set([...jids, own])) };
  }

  /** Answers Baileys' `cachedGroupMetadata`: what a send needs, and no more. */
  async metadata(jid: string): Promise<GroupMetadata | undefined> {
    const groupId = groupIdOf(jid);
    if (!groupId) return undefined;
    const roster = await this.rosters.get(groupId);
    return {
      id: jid,
      subject: '',
      owner: undefined,
      participants: memberJids(roster).map((id) => ({ id })),
      addressingMode: roster.addressing === 'lid' ? WAMessageAddressingMode.LID : WAMessageAddressingMode.PN,
      ...(roster.disappearsInSeconds ? { ephemeralDuration: roster.disappearsInSeconds } : {}),
    };
  }

  /** The server's acknowledgement of a message: with a hash of its own when our list of devices was not its. */
  takeAck({ attrs }: BinaryNode): void {
    const groupId = attrs.phash ? groupIdOf(attrs.from) : null;
    if (groupId && this.rosters.doubt(groupId)) this.doubtfulDevices.add(groupId);
  }

  private async openSessions(sock: WASocket, groupId: string, devices: string[]): Promise<void> {
    const jid = groupJid(groupId);
    const found = await this.auth.keys.get('sender-key-memory', [jid]);
    const holders = (found[jid] ?? {}) as Record<string, boolean>;
    const lacking = devices.filter((device) => !holders[device] && jidDecode(device)?.device !== 99);
    if (lacking.length > 0) await sock.assertSessions(lacking, false);
  }
}

function memberJids({ addressing, members }: GroupRoster): string[] {
  const server = addressing === 'lid' ? 'lid' : 's.whatsapp.net';
  return members.map((digits) => `${digits}@${server}`);
}

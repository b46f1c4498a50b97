import { jidDecode, jidNormalizedUser, type WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';
import type { DeviceLists } from './device-lists.js';
import { groupIdOf } from './groups/group-node.js';
import type { GroupSends } from './groups/group-sends.js';

/** Learns whom a message to a new contact has to be encrypted for. */
export class Recipients {
  /** By user, so that several messages to a new contact ask once. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly devices: DeviceLists,
    private readonly groups: Pick<GroupSends, 'prepare'>,
  ) {}

  /**
   * Learns a recipient's devices and opens sessions with them, when they are not known yet. Done before the message is
   * relayed, because the library would do it inside the transaction that holds back every other message of the profile
   * while the network answers.
   * @throws EngineError `recipient_not_on_whatsapp` when WhatsApp says so; `recipient_lookup_failed` when it did not
   * answer; of a group what `GroupSends.prepare` says
   * @returns attributes that the message's stanza has to carry
   */
  async prepare(sock: WASocket, jid: string): Promise<Record<string, string>> {
    const groupId = jid.endsWith('@g.us') ? groupIdOf(jid) : null;
    if (groupId) return { ...(await this.groups.prepare(sock, groupId)) };
    await this.prepareUser(sock, jid);
    return {};
  }

  private async prepareUser(sock: WASocket, jid: string): Promise<void> {
    // Our own other devices get a copy; they are addressed in the form that the chat has.
    const own = jidNormalizedUser(jid.endsWith('@lid') ? sock.user?.lid : sock.user?.id);
    const users = [own, jid].map((each) => jidDecode(each)?.user ?? '');
    const known = await this.devices.mget<unknown>(users);
    const [ownUser, user] = users as [string, string];
    // Looked up once, by itself: each look-up opens a new session with every device that it finds.
    if (!known[ownUser]) await this.once(ownUser, () => this.learn(sock, own));
    if (!known[user] && user !== ownUser) {
      await this.once(user, async () => {
        const found = await this.learn(sock, jid);
        if (!found.some((device) => device.user === user)) throw await whyNoDevices(sock, jid);
      });
    }
  }

  private once(user: string, learn: () => Promise<unknown>): Promise<void> {
    const underWay =
      this.underWay.get(user) ??
      learn().then(
        () => void this.underWay.delete(user),
        (error) => {
          this.underWay.delete(user);
          throw error;
        },
      );
    this.underWay.set(user, underWay);
    return underWay;
  }

  private async learn(sock: WASocket, jid: string) {
    const found = await sock.getUSyncDevices([jid], true, false);
    await sock.assertSessions(
      found.map((device) => device.jid),
      false,
    );
    return found;
  }
}

async function whyNoDevices(sock: WASocket, jid: string): Promise<EngineError> {
  // Nobody can be asked about a LID by number; its absence is not certain.
  const answer = jid.endsWith('@lid') ? undefined : await sock.onWhatsApp(jid);
  if (answer && answer.length === 0) {
    return new EngineError('recipient_not_on_whatsapp', 'This number is not on WhatsApp.', {
      retryable: false,
      outcome: 'not_sent',
    });
  }
  return new EngineError('recipient_lookup_failed', 'WhatsApp did not tell the devices of the recipient.', {
    retryable: true,
    outcome: 'not_sent',
  });
}

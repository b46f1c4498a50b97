import { jidDecode, jidNormalizedUser, type WASocket } from '@whiskeysockets/baileys';
import { type Address, toJid } from '../address.js';
import type { ChatAddress } from '../chat-address.js';
import { EngineError } from '../engine.js';
import type { DeviceLists } from './device-lists.js';
import type { GroupSends } from './groups/group-sends.js';

/** People in one question about their devices. */
const askedAtOnce = 500;

/** Who gets a status: the audience, and our own devices. */
export function statusJids(audience: readonly Address[], sock: Pick<WASocket, 'user'>): string[] {
  return [...new Set([...audience.map(toJid), jidNormalizedUser(sock.user?.id)])];
}

/** Learns whom a message to a new contact has to be encrypted for. */
export class Recipients {
  /** By user, so that several messages to a new contact ask once. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly devices: DeviceLists,
    private readonly groups: Pick<GroupSends, 'prepare'>,
  ) {}

  /**
   * Learns the devices of those who are to read, and opens sessions with them, where they are not known yet. Done before
   * the message is relayed, because the library would do it inside the transaction that holds back every other message of
   * the profile while the network answers.
   * @throws EngineError `recipient_not_on_whatsapp` when WhatsApp says so; `recipient_lookup_failed` when it did not
   * answer; of a group what `GroupSends.prepare` says
   * @returns attributes that the message's stanza has to carry
   */
  async prepare(sock: WASocket, to: ChatAddress, audience: readonly Address[] = []): Promise<Record<string, string>> {
    if (to.kind === 'group') return { ...(await this.groups.prepare(sock, to.id)) };
    if (to.kind === 'status') await this.prepareMany(sock, statusJids(audience, sock));
    if (to.kind === 'user') await this.prepareUser(sock, toJid(to));
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

  /** Who has no devices gets nothing; the others do. */
  private async prepareMany(sock: WASocket, jids: string[]): Promise<void> {
    const userOf = (jid: string) => jidDecode(jid)?.user ?? '';
    const known = await this.devices.mget<unknown>(jids.map(userOf));
    const unknown = jids.filter((jid) => !known[userOf(jid)]);
    for (let at = 0; at < unknown.length; at += askedAtOnce) {
      const found = await sock.getUSyncDevices(unknown.slice(at, at + askedAtOnce), true, false);
      await sock.assertSessions(
        found.map((device) => device.jid),
        false,
      );
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

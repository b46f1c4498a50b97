import { jidDecode, jidNormalizedUser, type WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';
import type { DeviceLists } from './device-lists.js';

/** Learns whom a message to a new contact has to be encrypted for. */
export class Recipients {
  /** By user, so that several messages to a new contact ask once. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly devices: DeviceLists) {}

  /**
   * Learns a recipient's devices and opens sessions with them, when they are not known yet. Done before the message is
   * relayed, because the library would do it inside the transaction that holds back every other message of the profile
   * while the network answers.
   * @throws EngineError `recipient_not_on_whatsapp` when WhatsApp says so; `recipient_lookup_failed` when it did not
   * answer
   */
  async prepare(sock: WASocket, jid: string): Promise<void> {
    const user = jidDecode(jid)?.user ?? '';
    if ((await this.devices.mget<unknown>([user]))[user]) return;
    const underWay = this.underWay.get(user) ?? this.learn(sock, jid, user);
    this.underWay.set(user, underWay);
    try {
      await underWay;
    } finally {
      this.underWay.delete(user);
    }
  }

  private async learn(sock: WASocket, jid: string, user: string): Promise<void> {
    const own = jidNormalizedUser(sock.user?.id);
    const found = await sock.getUSyncDevices([own, jid], true, false);
    const isKnown = found.some((device) => device.user === user) || jidNormalizedUser(jid) === own;
    if (!isKnown) throw await whyNoDevices(sock, jid);
    await sock.assertSessions(
      found.map((device) => device.jid),
      false,
    );
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

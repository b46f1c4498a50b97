import { jidDecode, jidNormalizedUser, type WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';
import type { DeviceLists } from './device-lists.js';

/**
 * Learns a recipient's devices and opens sessions with them, when it is not known yet. Done before the message is
 * relayed, because the library would do it inside the transaction that holds back every other message of the profile
 * while the network answers.
 * @throws EngineError `recipient_not_on_whatsapp` when WhatsApp says so; `recipient_lookup_failed` when it did not answer.
 */
export async function prepareRecipient(sock: WASocket, devices: DeviceLists, jid: string): Promise<void> {
  const user = jidDecode(jid)?.user ?? '';
  if ((await devices.mget<unknown>([user]))[user]) return;
  const own = jidNormalizedUser(sock.user?.id);
  const found = await sock.getUSyncDevices([own, jid], true, false);
  if (!found.some((device) => device.user === user)) {
    if (jidNormalizedUser(jid) !== own) throw await whyNoDevices(sock, jid);
  }
  await sock.assertSessions(
    found.map((device) => device.jid),
    false,
  );
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

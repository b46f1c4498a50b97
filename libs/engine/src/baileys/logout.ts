import type { WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';
import type { Ending } from './reconnect-policy.js';

const answerMs = 10_000;
const removed = 401;

/**
 * Takes this device off the account. WhatsApp answers, or closes the connection with the code of a removed device.
 * @throws EngineError when neither happened: the phone may still list the device
 */
export async function leaveAccount(sock: WASocket, ended: Promise<Ending>, jid: string): Promise<void> {
  const attrs = { to: 's.whatsapp.net', type: 'set', xmlns: 'md' };
  const content = [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }];
  let cause: unknown;
  const answered = sock.query({ tag: 'iq', attrs, content }, answerMs).then(
    // The library gives nothing when the time is over.
    (answer) => answer !== undefined,
    (error) => {
      cause = error;
      return false;
    },
  );
  const closed = ended.then(({ statusCode }) => statusCode === removed);
  if (await Promise.race([answered, closed])) return;
  throw new EngineError('logout_failed', 'WhatsApp did not confirm the logout.', {
    retryable: true,
    outcome: 'unknown',
    cause,
  });
}

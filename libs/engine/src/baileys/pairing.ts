import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';

/** How long the library shows the first QR code, and each of the following. */
const firstQrMs = 60_000;
const nextQrMs = 20_000;
const answerMs = 20_000;

export const qrExpiry = (attempt: number): Date => new Date(Date.now() + (attempt === 1 ? firstQrMs : nextQrMs));

/** Asks for a pairing code and waits until the server holds the request; before that the phone would refuse the code. */
export async function askForPairingCode(sock: WASocket, phone: string): Promise<string> {
  const digits = phone.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15) {
    throw failure('invalid_phone', 'The phone number needs 7 to 15 digits, with country code.', false);
  }
  const held = serverHolds(sock);
  try {
    const code = await sock.requestPairingCode(digits);
    await held.answer;
    return code;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw failure('pairing_code_failed', 'WhatsApp did not take the request for a pairing code.', true, error);
  } finally {
    held.stop();
  }
}

/** The library does not wait for the answer itself. */
function serverHolds(sock: WASocket): { answer: Promise<void>; stop(): void } {
  let stop = () => {};
  const answer = new Promise<void>((resolve, reject) => {
    const refused = () => reject(failure('pairing_code_refused', 'WhatsApp refused the request for a code.', true));
    const answered = (node: BinaryNode) => (node.attrs.type === 'error' ? refused() : resolve());
    const timer = setTimeout(() => reject(new Error('no answer')), answerMs);
    sock.ws.on('CB:iq,,link_code_companion_reg', answered);
    sock.ws.on('CB:iq,type:error', refused);
    stop = () => {
      clearTimeout(timer);
      sock.ws.off('CB:iq,,link_code_companion_reg', answered);
      sock.ws.off('CB:iq,type:error', refused);
    };
  });
  answer.catch(() => undefined);
  return { answer, stop };
}

const failure = (code: string, message: string, retryable: boolean, cause?: unknown): EngineError =>
  new EngineError(code, message, { retryable, outcome: 'not_sent', cause });

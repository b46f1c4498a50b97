import { randomBytes } from 'node:crypto';

/**
 * A WhatsApp message id, chosen before anything goes out, so that a repeat after a crash is the same message. The form
 * is that of WhatsApp Web's clients: `3EB0` and upper-case hex.
 */
export function newWaMessageId(): string {
  return `3EB0${randomBytes(18).toString('hex').toUpperCase()}`;
}

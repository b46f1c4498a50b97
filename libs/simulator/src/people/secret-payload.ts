import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** Who sealed an answer to which message: both go into its key. */
export interface SecretContext {
  messageId: string;
  /** Address of the author of the message that is answered. */
  author: string;
  /** Address of who answers. */
  answerer: string;
}

export interface SealedPayload {
  encPayload: Uint8Array;
  encIv: Uint8Array;
}

/**
 * Seals what answers a message by the secret that the message carries: votes and event responses, which only those who
 * have the message can read. Key derivation as in Baileys, Utils/process-message.js, `decryptPollVote`.
 */
export function sealPayload(
  plain: Uint8Array,
  purpose: 'Poll Vote' | 'Event Response',
  secret: Uint8Array,
  context: SecretContext,
  encIv: Buffer,
): SealedPayload {
  const cipher = createCipheriv('aes-256-gcm', keyOf(purpose, secret, context), encIv.subarray(0, IV_LENGTH));
  cipher.setAAD(boundTo(context));
  return { encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]), encIv };
}

/** Opens such a payload. Throws when the secret or the people are others. */
export function openPayload(
  sealed: SealedPayload,
  purpose: 'Poll Vote' | 'Event Response',
  secret: Uint8Array,
  context: SecretContext,
): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(purpose, secret, context), sealed.encIv);
  const body = Buffer.from(sealed.encPayload);
  decipher.setAAD(boundTo(context));
  decipher.setAuthTag(body.subarray(-TAG_LENGTH));
  return Buffer.concat([decipher.update(body.subarray(0, -TAG_LENGTH)), decipher.final()]);
}

/** How a vote names an option: by the hash of its text. */
export const optionHash = (name: string): Buffer => createHash('sha256').update(name).digest();

function keyOf(purpose: string, secret: Uint8Array, { messageId, author, answerer }: SecretContext): Buffer {
  const extracted = createHmac('sha256', new Uint8Array(32)).update(secret).digest();
  return createHmac('sha256', extracted).update(`${messageId}${author}${answerer}${purpose}`).update('\x01').digest();
}

const boundTo = ({ messageId, answerer }: SecretContext): Buffer => Buffer.from(`${messageId}\0${answerer}`);

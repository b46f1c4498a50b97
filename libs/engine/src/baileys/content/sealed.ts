import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/**
 * What an answer does to a message whose secret it is sealed with; part of the key (whatsmeow, msgsecret.go).
 */
export type SealPurpose =
  | 'Poll Vote'
  | 'Event Response'
  | 'Enc Reaction'
  | 'Enc Comment'
  | 'Message Edit'
  | 'Event Edit';

/** These alone are also bound to the ids in the clear (whatsmeow, msgsecret.go, `generateMsgSecretKey`). */
const bound = new Set<SealPurpose>(['Poll Vote', 'Event Response']);

export interface SealedPayload {
  encPayload: Uint8Array;
  encIv: Uint8Array;
}

/** Who answers which message of whom: all of it goes into the key. */
export interface SealContext {
  waMessageId: string;
  /** The JID of who wrote the message that is answered. */
  author: string;
  /** The JID of who answers. */
  answerer: string;
}

export function seal(plain: Uint8Array, purpose: SealPurpose, secret: Uint8Array, context: SealContext): SealedPayload {
  const encIv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(purpose, secret, context), encIv);
  if (bound.has(purpose)) cipher.setAAD(boundTo(context));
  return { encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]), encIv };
}

/**
 * Opens what was sealed by one of several names that the people may have used for each other: a phone number or a LID,
 * which the stanza does not tell for certain. Null when it fits none.
 */
export function openSealed(
  { encPayload, encIv }: SealedPayload,
  purpose: SealPurpose,
  secret: Uint8Array,
  names: { waMessageId: string; authors: string[]; answerers: string[] },
): Uint8Array | null {
  if (encPayload.length < tagBytes || encIv.length !== ivBytes) return null;
  for (const author of names.authors) {
    for (const answerer of names.answerers) {
      const context = { waMessageId: names.waMessageId, author, answerer };
      const plain = attempt(encPayload, encIv, purpose, secret, context);
      if (plain) return plain;
    }
  }
  return null;
}

function attempt(
  payload: Uint8Array,
  iv: Uint8Array,
  purpose: SealPurpose,
  secret: Uint8Array,
  context: SealContext,
): Uint8Array | null {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(purpose, secret, context), iv);
  if (bound.has(purpose)) decipher.setAAD(boundTo(context));
  decipher.setAuthTag(payload.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(payload.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
}

/** HKDF-SHA256 without salt; one block is the whole key. */
function keyOf(purpose: SealPurpose, secret: Uint8Array, { waMessageId, author, answerer }: SealContext): Buffer {
  const extracted = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  return createHmac('sha256', extracted).update(`${waMessageId}${author}${answerer}${purpose}`).update('\x01').digest();
}

const boundTo = ({ waMessageId, answerer }: SealContext): Buffer => Buffer.from(`${waMessageId}\0${answerer}`);

import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { errors } from '#contracts';

/** Context under which a webhook's secret is sealed, the former one too. */
export const secretContext = (webhookId: string) => `webhook.secret:${webhookId}`;
/** Context under which a webhook's custom headers are sealed. */
export const headersContext = (webhookId: string) => `webhook.headers:${webhookId}`;

const standardPrefix = 'whsec_';
/** Bounds of a secret that a client brings, characters. */
export const secretLength = { least: 16, most: 256 } as const;

/** A new signing secret as Standard Webhooks writes them: 32 random bytes. */
export function newWebhookSecret(): string {
  return `${standardPrefix}${randomBytes(32).toString('base64')}`;
}

/** A secret that a client brings. @throws errors.validation */
export function checkedSecret(secret: string): string {
  const problem =
    secret.length < secretLength.least || secret.length > secretLength.most
      ? `must have ${secretLength.least} to ${secretLength.most} characters`
      : /^[\x21-\x7e]+$/.test(secret)
        ? null
        : 'must be printable ASCII without spaces';
  if (problem !== null) throw errors.validation({ fields: [{ path: 'secret', message: problem }] });
  return secret;
}

/** A secret in use, with its key as Standard Webhooks reads it. */
interface Key {
  /** As it was shown. */
  text: KeyObject;
  bytes: KeyObject;
}

/** Signs what goes to one endpoint, also with the former secret while a rotation overlaps. */
export class WebhookSigner {
  private readonly present: Key;
  private readonly former: (Key & { until: Date }) | null;

  /** @param previous the secret before the last rotation and until when it is used */
  constructor(secret: string, previous: { secret: string; until: Date } | null = null) {
    this.present = keyOf(secret);
    this.former = previous && { ...keyOf(previous.secret), until: previous.until };
  }

  /**
   * The headers that prove where a request comes from: those of Standard Webhooks 1.0.0, with a signature for each secret
   * in use, and those that clients of the older product verify, an HMAC over the body alone whose key is the secret as it
   * was shown, for the former secret under a name of its own.
   * @param id stays the same over repeats of one delivery; receivers drop what they have seen
   * @param at of this very try
   * @returns names and values in turn
   */
  headers(id: string, at: Date, body: Buffer): string[] {
    const former = this.former !== null && at < this.former.until ? this.former : null;
    const seconds = String(Math.floor(at.getTime() / 1000));
    const signedPrefix = `${id}.${seconds}.`;
    const standard = (key: Key) =>
      `v1,${createHmac('sha256', key.bytes).update(signedPrefix).update(body).digest('base64')}`;
    const older = (key: Key) => `sha256=${createHmac('sha256', key.text).update(body).digest('hex')}`;
    const headers = [
      'webhook-id',
      id,
      'webhook-timestamp',
      seconds,
      'webhook-signature',
      former === null ? standard(this.present) : `${standard(this.present)} ${standard(former)}`,
      'x-multiwa-signature',
      older(this.present),
    ];
    if (former !== null) headers.push('x-multiwa-signature-previous', older(former));
    return headers;
  }
}

/** What is behind `whsec_` is base64; of a secret in another form the text itself is the key. */
function keyOf(secret: string): Key {
  const [, encoded] = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret) ?? [];
  const text = createSecretKey(Buffer.from(secret));
  return { text, bytes: encoded === undefined ? text : createSecretKey(Buffer.from(encoded, 'base64')) };
}

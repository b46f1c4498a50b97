import { createHmac, randomBytes } from 'node:crypto';
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
  secret: string;
  bytes: Buffer;
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
   */
  headers(id: string, at: Date, body: string): Record<string, string> {
    const former = this.former !== null && at < this.former.until ? this.former : null;
    const seconds = Math.floor(at.getTime() / 1000);
    const signed = `${id}.${seconds}.${body}`;
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': [this.present, former]
        .flatMap((key) => (key ? `v1,${hmac(key.bytes, signed, 'base64')}` : []))
        .join(' '),
      'x-multiwa-signature': `sha256=${hmac(this.present.secret, body, 'hex')}`,
      ...(former ? { 'x-multiwa-signature-previous': `sha256=${hmac(former.secret, body, 'hex')}` } : {}),
    };
  }
}

/** What is behind `whsec_` is base64; of a secret in another form the text itself is the key. */
function keyOf(secret: string): Key {
  const [, encoded] = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret) ?? [];
  return { secret, bytes: encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64') };
}

function hmac(key: string | Buffer, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(text).digest(encoding);
}

import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Context under which a webhook's secret is sealed. */
export const secretContext = (webhookId: string) => `webhook.secret:${webhookId}`;
/** Context under which a webhook's custom headers are sealed. */
export const headersContext = (webhookId: string) => `webhook.headers:${webhookId}`;

/** A new signing secret as Standard Webhooks writes them: 32 random bytes. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Signs what goes to one endpoint. */
export class WebhookSigner {
  private readonly standard: Webhook;

  constructor(private readonly secret: string) {
    this.standard = new Webhook(secret);
  }

  /**
   * The headers that prove where a request comes from: those of Standard Webhooks 1.0.0, and the one that clients of the
   * older product verify, an HMAC over the body alone whose key is the secret as it was shown.
   * @param id stays the same over repeats of one delivery; receivers drop what they have seen
   * @param at of this very try
   */
  headers(id: string, at: Date, body: string): Record<string, string> {
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': this.standard.sign(id, at, body),
      'x-multiwa-signature': `sha256=${createHmac('sha256', this.secret).update(body).digest('hex')}`,
    };
  }
}

import { holdsAt, type OrganizationId, type WebhookId } from '#contracts';
import { type Database, findProfilePlace, findWebhookAnywhere, listActiveMembers } from '#database';
import { rightsOfUser } from '../identity/rights.js';
import type { MailOutbox, PreparedMail } from '../platform/mail/mail-outbox.js';

/** Most people of an organization who are looked at, and who are written to. */
const mostMembers = 1000;
const mostMails = 50;
const DAY_MS = 24 * 3600_000;

const why = {
  endpoint_gone: 'It answered 410 Gone, which says that it is there no more.',
  endpoint_failing: 'For five days every call to it failed.',
};

/** Tells the members who may change a webhook by mail that it was switched off. */
export class DisableNotices {
  constructor(private readonly parts: { db: Database; outbox: MailOutbox; publicUrl: string }) {}

  /** The mails, for the transaction that switches it off. None when the webhook is off or gone by now. */
  async prepare(webhookId: WebhookId, reason: keyof typeof why): Promise<PreparedMail[]> {
    const { db, outbox, publicUrl } = this.parts;
    const found = await db.system(async (tx) => {
      const webhook = await findWebhookAnywhere(tx, webhookId);
      if (!webhook?.enabled) return null;
      const { organizationId, profileId } = webhook;
      const place = profileId === null ? null : await findProfilePlace(tx, organizationId, profileId);
      return { webhook, place, members: await listActiveMembers(tx, organizationId, mostMembers) };
    });
    if (!found) return [];
    const { webhook, place } = found;
    const organizationId: OrganizationId = webhook.organizationId;
    const { host } = new URL(webhook.url);
    const recipients = found.members
      .filter(({ assignments }) => holdsAt(rightsOfUser(assignments), 'webhooks.write', place))
      .slice(0, mostMails);
    return Promise.all(
      recipients.map(({ email, name }) =>
        outbox.prepare({
          organizationId,
          kind: 'webhook_disabled',
          to: email,
          subject: `A webhook to ${host} was switched off`,
          text: `Hello ${name},\n\nthe webhook to ${host} (id ${webhookId}) was switched off. ${why[reason]} What was still to be delivered to it was cancelled.\n\nWhen the endpoint works again, switch the webhook on: PUT ${publicUrl}/api/v1/webhooks/${webhookId} with { "enabled": true }, and with "deliverMissed": true if it is to be told of what it missed.\n`,
          expiresAt: new Date(Date.now() + 7 * DAY_MS),
        }),
      ),
    );
  }
}

import { hash } from 'node:crypto';
import { idTime, newId, type WebhookId } from '#contracts';

const DAY_MS = 24 * 3600_000;
/** Deliveries are kept for a week at least, so for ids of that time there is always a partition. */
const derivedForMs = 6 * DAY_MS;

/**
 * The id of the delivery of an event to a webhook, under which it is repeated by whoever comes after a crash, although
 * nobody wrote it down: a UUIDv7 of the moment of the event whose random part follows from the two.
 */
export function derivedDeliveryId(eventId: string, webhookId: WebhookId): string {
  const digest = hash('sha1', `${eventId} ${webhookId}`);
  const variant = '89ab'[Number.parseInt(digest[3]!, 16) & 3];
  return `${eventId.slice(0, 14)}7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(8, 20)}`;
}

/** Whether the derived id can be written down; what happened long ago gets a new one. */
export function hasDerivedId(eventId: string, now: Date): boolean {
  return now.getTime() - idTime(eventId) < derivedForMs;
}

export function deliveryIdFor(eventId: string, webhookId: WebhookId, now: Date): string {
  return hasDerivedId(eventId, now) ? derivedDeliveryId(eventId, webhookId) : newId<string>();
}

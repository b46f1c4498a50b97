import { hash } from 'node:crypto';
import { idTime, newId, type WebhookId } from '#contracts';

const DAY_MS = 24 * 3600_000;
/** Deliveries are kept for a week at least, so for ids of that time there is always a partition. */
const derivedForMs = 6 * DAY_MS;

/** So much of an event's id says when it happened and as which of its moment: 88 bits, with the hyphens. */
const timeAndOrder = 26;

/**
 * The id of the delivery of an event to a webhook, under which it is repeated by whoever comes after a crash, although
 * nobody wrote it down: a UUIDv7 that sorts as the event does and whose end follows from the two.
 */
export function derivedDeliveryId(eventId: string, webhookId: WebhookId): string {
  return eventId.slice(0, timeAndOrder) + hash('sha1', `${eventId} ${webhookId}`).slice(0, 10);
}

/** Whether the derived id can be written down; what happened long ago gets a new one. */
export function hasDerivedId(eventId: string, now: Date): boolean {
  return now.getTime() - idTime(eventId) < derivedForMs;
}

export function deliveryIdFor(eventId: string, webhookId: WebhookId, now: Date): string {
  return hasDerivedId(eventId, now) ? derivedDeliveryId(eventId, webhookId) : newId<string>();
}

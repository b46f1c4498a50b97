import { type Actor, errors, holdsAt, newId, type ProfileId, type WebhookId } from '#contracts';
import {
  cancelRedelivery,
  type Database,
  type DeliveryFilters,
  findDeliveredEvent,
  findProfilePlace,
  findRedelivery,
  findWebhook,
  findWebhookDelivery,
  hasOpenRedeliveries,
  hurryDelivery,
  insertRedelivery,
  listRedeliveries,
  listWebhookAttempts,
  listWebhookDeliveries,
  repeatDeliveries,
  type Tx,
  type WebhookAttemptRow,
  type WebhookDeliveryRow,
  type WebhookDeliveryState,
  type WebhookRedeliveryRow,
  type WebhookRow,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import type { WebhookBodies } from './webhook-bodies.js';
import { resourceOf } from './webhook-draft.js';
import type { WebhookBody } from './webhook-payload.js';

/** Redeliveries of one webhook that may be under way or wait. */
const mostRedeliveries = 5;

export interface OpenedDelivery {
  delivery: WebhookDeliveryRow;
  attempts: WebhookAttemptRow[];
  /** What a call would carry now; null when the event is gone, or the actor may not read events. */
  payload: WebhookBody | null;
}

export interface RedeliveryDraft {
  from: Date;
  to?: Date;
  /** Default: exhausted and cancelled. */
  states?: Exclude<WebhookDeliveryState, 'pending'>[];
  /** Only of these events. */
  events?: string[];
}

/** The log of what webhooks were told, and telling it again. */
export class WebhookLog {
  constructor(
    private readonly db: Database,
    private readonly bodies: WebhookBodies,
  ) {}

  /** What was and is to be delivered, newest first; `limit` deliveries older than `before`. @throws notFound */
  async deliveries(
    actor: Actor,
    webhookId: WebhookId,
    page: DeliveryFilters & { before?: string; limit: number },
  ): Promise<WebhookDeliveryRow[]> {
    return this.db.tenant(actor, async (tx) => {
      await existing(tx, actor, webhookId);
      return listWebhookDeliveries(tx, { organizationId: actor.organizationId, webhookId, ...page });
    });
  }

  /** One delivery with each of its tries, and what it carries. @throws notFound */
  async delivery(actor: Actor, webhookId: WebhookId, id: string): Promise<OpenedDelivery> {
    const { organizationId } = actor;
    const found = await this.db.tenant(actor, async (tx) => {
      const webhook = await existing(tx, actor, webhookId);
      const delivery = await findWebhookDelivery(tx, { organizationId, webhookId, id });
      if (!delivery) throw errors.notFound({ details: { id } });
      const event = (await mayReadEvents(tx, actor, webhook.profileId))
        ? await findDeliveredEvent(tx, organizationId, delivery.eventId)
        : null;
      return { webhook, delivery, event, attempts: await listWebhookAttempts(tx, { organizationId, deliveryId: id }) };
    });
    const { webhook, delivery, event, attempts } = found;
    const told = event && { event, name: delivery.eventName, version: webhook.payloadVersion };
    return { delivery, attempts, payload: told && (await this.bodies.of(told)) };
  }

  /**
   * Puts one delivery in line again, under its id, for a new round of tries; one that waits for its next try is tried
   * now. It goes before everything of its conversation that waits and happened later; what was delivered in the meantime
   * is not delivered again.
   * @throws notFound; webhookDisabled; eventGone
   */
  async redeliver(
    actor: Actor,
    webhookId: WebhookId,
    id: string,
    once?: Once<WebhookDeliveryRow>,
  ): Promise<WebhookDeliveryRow> {
    const scope = { organizationId: actor.organizationId, webhookId, id };
    return this.db.tenant(actor, async (tx) => {
      const webhook = await enabled(tx, actor, webhookId);
      const delivery = await findWebhookDelivery(tx, scope);
      if (!delivery) throw errors.notFound({ details: { id } });
      const { orderingKey } = delivery;
      if (delivery.state === 'pending') await hurryDelivery(tx, webhookId, orderingKey);
      else {
        const hasEvent = (await findDeliveredEvent(tx, actor.organizationId, delivery.eventId)) !== null;
        if (!hasEvent) throw errors.eventGone({ details: { id, eventId: delivery.eventId } });
        await repeatDeliveries(tx, webhookId, [{ id, orderingKey, hasEvent }]);
      }
      const after = (await findWebhookDelivery(tx, scope))!;
      await recordAudit(tx, actor, {
        action: 'webhook.redeliver',
        resource: resourceOf(webhook),
        after: { deliveryId: id },
      });
      await once?.(tx, after);
      tx.wake('deliveries', webhookId);
      return after;
    });
  }

  /**
   * Asks for all deliveries of a range of time to be made again; a worker puts them in line in their order.
   * @throws notFound; webhookDisabled; tooManyRedeliveries; validation
   */
  async redeliverRange(
    actor: Actor,
    webhookId: WebhookId,
    draft: RedeliveryDraft,
    once?: Once<WebhookRedeliveryRow>,
  ): Promise<WebhookRedeliveryRow> {
    const { from, to = new Date(), states = ['exhausted', 'cancelled'], events = [] } = draft;
    if (from >= to) throw errors.validation({ fields: [{ path: 'to', message: 'must be after from' }] });
    return this.db.tenant(actor, async (tx) => {
      const webhook = await enabled(tx, actor, webhookId);
      if (await hasOpenRedeliveries(tx, webhookId, mostRedeliveries)) throw errors.tooManyRedeliveries();
      const row = await insertRedelivery(tx, {
        ...{ id: newId(), organizationId: actor.organizationId, webhookId, states, events },
        ...{ fromAt: from, toAt: to, endedFrom: null },
      });
      await recordAudit(tx, actor, {
        action: 'webhook.redeliver',
        resource: resourceOf(webhook),
        after: { redeliveryId: row.id, from: from.toISOString(), to: to.toISOString(), states, events },
      });
      await once?.(tx, row);
      tx.wake('redeliveries', webhookId);
      return row;
    });
  }

  /** Newest first, `limit` redeliveries older than `before`. @throws notFound */
  async redeliveries(
    actor: Actor,
    webhookId: WebhookId,
    page: { before?: string; limit: number },
  ): Promise<WebhookRedeliveryRow[]> {
    return this.db.tenant(actor, async (tx) => {
      await existing(tx, actor, webhookId);
      return listRedeliveries(tx, { organizationId: actor.organizationId, webhookId, ...page });
    });
  }

  /** @throws notFound */
  async redelivery(actor: Actor, webhookId: WebhookId, id: string): Promise<WebhookRedeliveryRow> {
    return this.db.tenant(actor, (tx) => existingRedelivery(tx, actor, webhookId, id));
  }

  /** Ends it where it is: what was put in line by then is delivered. @throws notFound; redeliveryFinished */
  async cancelRedelivery(actor: Actor, webhookId: WebhookId, id: string): Promise<WebhookRedeliveryRow> {
    return this.db.tenant(actor, async (tx) => {
      await existingRedelivery(tx, actor, webhookId, id);
      const webhook = await existing(tx, actor, webhookId);
      if (!(await cancelRedelivery(tx, id))) throw errors.redeliveryFinished();
      await recordAudit(tx, actor, {
        action: 'webhook.redelivery_cancel',
        resource: resourceOf(webhook),
        after: { redeliveryId: id },
      });
      return existingRedelivery(tx, actor, webhookId, id);
    });
  }
}

async function existing(tx: Tx, actor: Actor, id: WebhookId, lock?: 'share'): Promise<WebhookRow> {
  const webhook = await findWebhook(tx, actor.organizationId, id, lock);
  if (!webhook) throw errors.notFound({ details: { id } });
  return webhook;
}

/** The webhook, which cannot be switched off until the end of the transaction. */
async function enabled(tx: Tx, actor: Actor, id: WebhookId): Promise<WebhookRow> {
  const webhook = await existing(tx, actor, id, 'share');
  if (!webhook.enabled) throw errors.webhookDisabled();
  return webhook;
}

async function existingRedelivery(
  tx: Tx,
  actor: Actor,
  webhookId: WebhookId,
  id: string,
): Promise<WebhookRedeliveryRow> {
  const found = await findRedelivery(tx, { organizationId: actor.organizationId, webhookId, id });
  if (!found) throw errors.notFound({ details: { id } });
  return found;
}

/** The body says what people wrote, which who may see webhooks need not be allowed to read. */
async function mayReadEvents(tx: Tx, actor: Actor, profileId: ProfileId | null): Promise<boolean> {
  const place = profileId === null ? null : await findProfilePlace(tx, actor.organizationId, profileId);
  return holdsAt(actor, 'events.read', place);
}

import {
  type Actor,
  type EventName,
  errors,
  eventActor,
  type NewEvent,
  newId,
  type ProfileId,
  type WebhookId,
  webhookEventNames,
} from '#contracts';
import {
  appendEvents,
  cancelDeliveries,
  type Database,
  deleteWebhook,
  findWebhook,
  findWebhookDelivery,
  holdProfile,
  insertWebhook,
  listWebhookAttempts,
  listWebhookDeliveries,
  listWebhooks,
  type Sealer,
  startWebhook,
  updateWebhook,
  type WebhookAttemptRow,
  type WebhookDeliveryRow,
  type WebhookDeliveryState,
  type WebhookRow,
} from '#database';
import type { OutboundClient } from '../outbound/outbound-client.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import type { WebhookCaller } from './webhook-call.js';
import { checkedHeaders } from './webhook-headers.js';
import { headersContext, newWebhookSecret, secretContext } from './webhook-secret.js';

export interface WebhookDraft {
  profileId: ProfileId;
  url: string;
  /** Names from the catalogue, or `*` for all, also those to come. */
  events: string[];
  /** Sent with each call. */
  headers?: Record<string, unknown>;
}

/** A webhook as its owners see it: the values of its headers and its secret are never shown again. */
export interface WebhookFacts extends Omit<WebhookRow, 'headersSealed' | 'secretSealed'> {
  headerNames: string[];
}

/** A successful test call. */
export interface WebhookTestResult {
  status: number;
  durationMs: number;
  /** The first 4 KiB of the answer. */
  responseBody: string;
}

/** Addresses outside that are told of the events of a profile. */
export class Webhooks {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly client: OutboundClient,
    private readonly caller: WebhookCaller,
  ) {}

  /**
   * The webhook receives every event that is committed after its creation, and none from before.
   * @returns the webhook and its signing secret, which nobody can read again
   * @throws notFound when there is no such profile; urlNotAllowed; validation for events and headers
   */
  async create(
    actor: Actor,
    draft: WebhookDraft,
    once?: Once<{ webhook: WebhookFacts; secret: string }>,
  ): Promise<{ webhook: WebhookFacts; secret: string }> {
    const { organizationId } = actor;
    const { profileId, url } = draft;
    const events = checkedEvents(draft.events);
    const headers = checkedHeaders(draft.headers ?? {});
    const noProfile = () => errors.notFound({ details: { profileId } });
    if (!(await this.db.tenant(actor, (tx) => holdProfile(tx, organizationId, profileId)))) throw noProfile();
    // Asks the name server, so outside of any transaction.
    await this.client.assertUrlAllowed(url);
    const id = newId<WebhookId>();
    const secret = newWebhookSecret();
    const sealer = await this.sealer.forOrganization(organizationId);
    return this.db.tenant(actor, async (tx) => {
      if (!(await holdProfile(tx, organizationId, profileId))) throw noProfile();
      const row = await insertWebhook(tx, {
        id,
        organizationId,
        profileId,
        url,
        events,
        headersSealed: sealedHeaders(headers, (plain) => sealer.seal(plain, headersContext(id))),
        secretSealed: sealer.seal(secret, secretContext(id)),
      });
      const created = { webhook: factsOf(row, Object.keys(headers)), secret };
      await recordAudit(tx, actor, {
        action: 'webhook.create',
        resource: resourceOf(row),
        after: { ...auditFacts(row), headerNames: Object.keys(headers) },
      });
      await once?.(tx, created);
      const [told] = await appendEvents(tx, [webhookEvent(actor, 'webhook.created', row)]);
      await startWebhook(tx, id, told!.seq);
      return created;
    });
  }

  /** Oldest first, `limit` webhooks after `after`; of one profile when it is given. */
  async list(actor: Actor, page: { profileId?: ProfileId; after?: WebhookId; limit: number }): Promise<WebhookFacts[]> {
    const rows = await this.db.tenant(actor, (tx) =>
      listWebhooks(tx, { organizationId: actor.organizationId, ...page }),
    );
    return Promise.all(rows.map((row) => this.facts(row)));
  }

  /** @throws notFound */
  async get(actor: Actor, id: WebhookId): Promise<WebhookFacts> {
    return this.facts(await this.row(actor, id));
  }

  /**
   * Fields that are undefined stay. Switching off cancels what is still to be delivered; switching on begins with the
   * events from then on.
   * @throws notFound; urlNotAllowed; validation for events and headers
   */
  async update(
    actor: Actor,
    id: WebhookId,
    changes: { url?: string; events?: string[]; headers?: Record<string, unknown>; enabled?: boolean },
  ): Promise<WebhookFacts> {
    const { organizationId } = actor;
    const events = changes.events === undefined ? undefined : checkedEvents(changes.events);
    const headers = changes.headers === undefined ? undefined : checkedHeaders(changes.headers);
    await this.row(actor, id);
    if (changes.url !== undefined) await this.client.assertUrlAllowed(changes.url);
    const sealer = await this.sealer.forOrganization(organizationId);
    const row = await this.db.tenant(actor, async (tx) => {
      const before = await findWebhook(tx, organizationId, id, 'update');
      if (!before) throw errors.notFound({ details: { id } });
      const switched = changes.enabled !== undefined && changes.enabled !== before.enabled;
      const after = await updateWebhook(tx, organizationId, id, {
        url: changes.url === before.url ? undefined : changes.url,
        events,
        headersSealed: headers && sealedHeaders(headers, (plain) => sealer.seal(plain, headersContext(id))),
        enabled: switched ? changes.enabled : undefined,
      });
      if (switched && !changes.enabled) await cancelDeliveries(tx, id);
      await recordAudit(tx, actor, {
        action: 'webhook.update',
        resource: resourceOf(after!),
        before: { ...auditFacts(before), headers: before.headersSealed?.toString('hex') },
        after: { ...auditFacts(after!), headers: after!.headersSealed?.toString('hex') },
      });
      const [told] = await appendEvents(tx, [webhookEvent(actor, 'webhook.updated', after!)]);
      if (switched && changes.enabled) await startWebhook(tx, id, told!.seq);
      return after!;
    });
    return this.facts(row);
  }

  /** What is still to be delivered is cancelled. @throws notFound */
  async delete(actor: Actor, id: WebhookId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await findWebhook(tx, actor.organizationId, id, 'update');
      if (!row) throw errors.notFound({ details: { id } });
      await cancelDeliveries(tx, id);
      await deleteWebhook(tx, actor.organizationId, id);
      await recordAudit(tx, actor, { action: 'webhook.delete', resource: resourceOf(row), before: auditFacts(row) });
      await appendEvents(tx, [webhookEvent(actor, 'webhook.deleted', row)]);
    });
  }

  /**
   * Calls the endpoint now with a signed event `test`, also when the webhook is switched off.
   * @throws notFound; webhookTestFailed with what came instead of a 2xx answer
   */
  async test(actor: Actor, id: WebhookId): Promise<WebhookTestResult> {
    const row = await this.row(actor, id);
    await this.db.tenant(actor, (tx) => recordAudit(tx, actor, { action: 'webhook.test', resource: resourceOf(row) }));
    const { answer, failure, durationMs } = await this.caller.call({ ...row, webhookId: id }, newId(), () => ({
      type: 'test',
      timestamp: new Date().toISOString(),
      data: { profileId: row.profileId, webhookId: id, message: 'This is a test event of Waypost.' },
      event: 'test',
      profileId: row.profileId,
    }));
    if (answer !== null && answer.status >= 200 && answer.status < 300) {
      return { status: answer.status, durationMs, responseBody: answer.body };
    }
    throw errors.webhookTestFailed({
      message: `The webhook did not accept the test event. ${
        failure === null ? `It answered with status ${answer?.status}.` : failure.sentence
      }`,
      details: {
        status: answer?.status ?? null,
        reason: failure?.reason ?? 'status',
        durationMs,
        responseBody: answer?.body ?? null,
      },
    });
  }

  /** What was and is to be delivered, newest first; `limit` deliveries older than `before`. @throws notFound */
  async deliveries(
    actor: Actor,
    id: WebhookId,
    page: { state?: WebhookDeliveryState; before?: string; limit: number },
  ): Promise<WebhookDeliveryRow[]> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      if (!(await findWebhook(tx, organizationId, id))) throw errors.notFound({ details: { id } });
      return listWebhookDeliveries(tx, { organizationId, webhookId: id, ...page });
    });
  }

  /** One delivery with each of its tries. @throws notFound */
  async delivery(
    actor: Actor,
    id: WebhookId,
    deliveryId: string,
  ): Promise<{ delivery: WebhookDeliveryRow; attempts: WebhookAttemptRow[] }> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const delivery = await findWebhookDelivery(tx, { organizationId, webhookId: id, id: deliveryId });
      if (!delivery) throw errors.notFound({ details: { id: deliveryId } });
      return { delivery, attempts: await listWebhookAttempts(tx, { organizationId, deliveryId }) };
    });
  }

  private async row(actor: Actor, id: WebhookId): Promise<WebhookRow> {
    const row = await this.db.tenant(actor, (tx) => findWebhook(tx, actor.organizationId, id));
    if (!row) throw errors.notFound({ details: { id } });
    return row;
  }

  private async facts(row: WebhookRow): Promise<WebhookFacts> {
    if (row.headersSealed === null) return factsOf(row, []);
    const sealer = await this.sealer.forOrganization(row.organizationId);
    const headers = JSON.parse(sealer.open(row.headersSealed, headersContext(row.id)).toString());
    return factsOf(row, Object.keys(headers));
  }
}

function factsOf({ headersSealed: _headers, secretSealed: _secret, ...row }: WebhookRow, headerNames: string[]) {
  return { ...row, headerNames };
}

function resourceOf(row: Pick<WebhookRow, 'id' | 'url'>) {
  return { type: 'webhook', id: row.id, name: new URL(row.url).host };
}

function auditFacts({ profileId, url, events, enabled }: WebhookRow) {
  return { profileId, url, events, enabled };
}

/** @throws validation naming each unknown event */
function checkedEvents(names: string[]): string[] {
  const known = new Set(['*', ...webhookEventNames]);
  const problems = names.flatMap((name, position) =>
    known.has(name)
      ? []
      : [{ path: `events.${position}`, message: `is no event; use * or some of: ${webhookEventNames.join(', ')}` }],
  );
  if (names.length === 0) problems.push({ path: 'events', message: 'must name at least one event, or *' });
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return [...new Set(names)];
}

function sealedHeaders(headers: Record<string, string>, seal: (plain: string) => Buffer): Buffer | null {
  return Object.keys(headers).length === 0 ? null : seal(JSON.stringify(headers));
}

/** Webhooks belong to a profile, so their events are in its stream. */
function webhookEvent<N extends EventName>(actor: Actor, name: N, webhook: WebhookRow): NewEvent {
  return {
    organizationId: webhook.organizationId,
    profileId: webhook.profileId,
    name,
    actor: eventActor(actor),
    payload: { id: webhook.id, name: webhook.url },
  } as NewEvent;
}

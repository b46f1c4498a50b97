import {
  type Actor,
  type EventName,
  errors,
  eventActor,
  latestPayloadVersion,
  type NewEvent,
  newId,
  type ProfileId,
  secretOverlapHours,
  type WebhookId,
} from '#contracts';
import {
  appendEvents,
  cancelDeliveries,
  type Database,
  deleteWebhook,
  enableWebhook,
  findWebhook,
  insertRedelivery,
  insertWebhook,
  listWebhooks,
  retryWaitingLanes,
  rotateSecret,
  type Sealer,
  startBehind,
  startWebhook,
  switchOffWebhook,
  type Tx,
  updateWebhook,
  type WebhookRow,
} from '#database';
import type { OutboundClient } from '../outbound/outbound-client.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import type { WebhookCaller } from './webhook-call.js';
import {
  auditFacts,
  checkedEvents,
  checkedFilters,
  factsOf,
  holdPlace,
  resourceOf,
  type WebhookChanges,
  type WebhookDraft,
  type WebhookFacts,
} from './webhook-draft.js';
import { checkedHeaders } from './webhook-headers.js';
import { checkedSecret, headersContext, newWebhookSecret, secretContext } from './webhook-secret.js';

/** A webhook with the secret that is shown this once. */
export interface WebhookWithSecret {
  webhook: WebhookFacts;
  secret: string;
}

/** A successful test call. */
export interface WebhookTestResult {
  status: number;
  durationMs: number;
  /** The first 4 KiB of the answer. */
  responseBody: string;
}

/** Addresses outside that are told of the events of a profile, or of the organization. */
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
   * @throws notFound when there is no such profile; forbidden; urlNotAllowed; validation for events, headers and secret
   */
  async create(actor: Actor, draft: WebhookDraft, once?: Once<WebhookWithSecret>): Promise<WebhookWithSecret> {
    const { organizationId } = actor;
    const { url, profileId = null } = draft;
    const events = checkedEvents(draft.events, profileId);
    const headers = checkedHeaders(draft.headers ?? {});
    const secret = draft.secret === undefined ? newWebhookSecret() : checkedSecret(draft.secret);
    await this.db.tenant(actor, (tx) => holdPlace(tx, actor, profileId));
    // Asks the name server, so outside of any transaction.
    await this.client.assertUrlAllowed(url);
    const id = newId<WebhookId>();
    const sealer = await this.sealer.forOrganization(organizationId);
    return this.db.tenant(actor, async (tx) => {
      await holdPlace(tx, actor, profileId);
      const row = await insertWebhook(tx, {
        ...{ id, organizationId, profileId, url, events },
        filters: checkedFilters(draft.filters ?? {}),
        payloadVersion: draft.payloadVersion ?? latestPayloadVersion,
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
   * Switching off cancels what is still to be delivered. Switching on begins with the events from then on, or, with
   * `deliverMissed`, first delivers what was cancelled, then what happened meanwhile, in order. With another address what
   * waits for its next try is tried at once.
   * @throws notFound; urlNotAllowed; validation for events and headers
   */
  async update(actor: Actor, id: WebhookId, changes: WebhookChanges): Promise<WebhookFacts> {
    const { organizationId } = actor;
    const { profileId } = await this.row(actor, id);
    const events = changes.events === undefined ? undefined : checkedEvents(changes.events, profileId);
    const headers = changes.headers === undefined ? undefined : checkedHeaders(changes.headers);
    if (changes.url !== undefined) await this.client.assertUrlAllowed(changes.url);
    const sealer = await this.sealer.forOrganization(organizationId);
    const row = await this.db.tenant(actor, async (tx) => {
      const before = await findWebhook(tx, organizationId, id, 'update');
      if (!before) throw errors.notFound({ details: { id } });
      const url = changes.url === before.url ? undefined : changes.url;
      let after = (await updateWebhook(tx, organizationId, id, {
        ...{ url, events, payloadVersion: changes.payloadVersion },
        filters: changes.filters && checkedFilters(changes.filters),
        headersSealed: headers && sealedHeaders(headers, (plain) => sealer.seal(plain, headersContext(id))),
      }))!;
      const switched =
        changes.enabled === undefined || changes.enabled === before.enabled ? undefined : changes.enabled;
      if (switched === true) after = await enableWebhook(tx, id);
      if (switched === false) {
        after = await switchOffWebhook(tx, id, null);
        await cancelDeliveries(tx, id);
      } else if (url !== undefined) {
        await retryWaitingLanes(tx, id);
        tx.wake('deliveries', id);
      }
      await recordAudit(tx, actor, {
        action: 'webhook.update',
        resource: resourceOf(after),
        before: { ...auditFacts(before), headers: before.headersSealed?.toString('hex') },
        after: { ...auditFacts(after), headers: after.headersSealed?.toString('hex') },
      });
      const [told] = await appendEvents(tx, [webhookEvent(actor, 'webhook.updated', after)]);
      if (switched === true) await this.begin(tx, before, changes.deliverMissed ?? false, told!.seq);
      return after;
    });
    return this.facts(row);
  }

  /**
   * From now on calls are signed with another secret, and for the hours of the overlap with the one so far too, so that
   * receivers can change over without refusing a call.
   * @returns the webhook and the new secret, which nobody can read again
   * @throws notFound; validation for the secret
   */
  async rotateSecret(
    actor: Actor,
    id: WebhookId,
    given: { overlapHours?: number; secret?: string },
    once?: Once<WebhookWithSecret>,
  ): Promise<WebhookWithSecret> {
    const { organizationId } = actor;
    const secret = given.secret === undefined ? newWebhookSecret() : checkedSecret(given.secret);
    const hours = given.overlapHours ?? secretOverlapHours.default;
    const until = hours === 0 ? null : new Date(Date.now() + hours * 3600_000);
    const { headerNames } = await this.get(actor, id);
    const sealer = await this.sealer.forOrganization(organizationId);
    return this.db.tenant(actor, async (tx) => {
      const row = await rotateSecret(tx, organizationId, id, sealer.seal(secret, secretContext(id)), until);
      if (!row) throw errors.notFound({ details: { id } });
      const rotated = { webhook: factsOf(row, headerNames), secret };
      await recordAudit(tx, actor, {
        action: 'webhook.rotate_secret',
        resource: resourceOf(row),
        after: { overlapUntil: until?.toISOString() ?? null },
      });
      await once?.(tx, rotated);
      await appendEvents(tx, [webhookEvent(actor, 'webhook.updated', row)]);
      return rotated;
    });
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
      ...(row.payloadVersion === 1 ? {} : { type: 'test' }),
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

  /** What was cancelled is older than what was never planned, so the planner waits until the former is in line. */
  private async begin(tx: Tx, before: WebhookRow, deliverMissed: boolean, seq: number): Promise<void> {
    const { id, organizationId, disabledAt, missedAfter } = before;
    if (!deliverMissed || missedAfter === null) return startWebhook(tx, id, seq);
    await startBehind(tx, id);
    await insertRedelivery(tx, {
      ...{ id: newId(), organizationId, webhookId: id, states: ['cancelled'], events: [] },
      ...{ fromAt: before.createdAt, toAt: new Date(Date.now() + 1), endedFrom: disabledAt },
    });
    tx.wake('redeliveries', id);
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

function sealedHeaders(headers: Record<string, string>, seal: (plain: string) => Buffer): Buffer | null {
  return Object.keys(headers).length === 0 ? null : seal(JSON.stringify(headers));
}

/** In the stream that the webhook is told of. */
function webhookEvent<N extends EventName>(actor: Actor, name: N, webhook: WebhookRow): NewEvent {
  return {
    organizationId: webhook.organizationId,
    profileId: webhook.profileId,
    name,
    actor: eventActor(actor),
    payload: { id: webhook.id, name: webhook.url },
  } as NewEvent;
}

import type { WebhookId } from '#contracts';
import {
  type Database,
  type EventSurroundings,
  type LaneClaim,
  type LaneHead,
  readEndpoints,
  readLaneHeads,
  type WebhookEndpoint,
} from '#database';
import type { WebhookBodies } from './webhook-bodies.js';

/** The head of a lane with all that is needed to try it. */
export interface ReadyHead {
  head: LaneHead;
  endpoint: WebhookEndpoint;
  around: EventSurroundings | undefined;
}

/** One lane among others. */
export const laneKey = (lane: Pick<LaneClaim, 'webhookId' | 'orderingKey'>) => `${lane.webhookId} ${lane.orderingKey}`;

/** Endpoints that are remembered. */
const rememberedEndpoints = 2000;

/** Reads what stands at the head of lanes: a statement or two for any number of them. */
export class LaneReader {
  private readonly endpoints = new Map<WebhookId, WebhookEndpoint>();

  constructor(private readonly parts: { db: Database; bodies: WebhookBodies }) {}

  /** Of claimed lanes, by `laneKey`; lanes without deliveries, or whose webhook is gone, are left out. */
  async readyOf(lanes: LaneClaim[]): Promise<ReadonlyMap<string, ReadyHead>> {
    return lanes.length === 0 ? new Map() : this.ready(await readLaneHeads(this.parts.db, lanes));
  }

  /** The same for heads that have been read. */
  async ready(heads: LaneHead[]): Promise<ReadonlyMap<string, ReadyHead>> {
    if (heads.length === 0) return new Map();
    const endpoints = await this.endpointsOf(heads);
    const known = heads.flatMap((head) => {
      const endpoint = endpoints.get(head.webhookId);
      return endpoint ? [{ head, endpoint }] : [];
    });
    const around = await this.around(
      known.map(({ head }) => head),
      endpoints,
    );
    return new Map(
      known.map(({ head, endpoint }) => [
        laneKey(head),
        { head, endpoint, around: head.event ? around.get(head.event.id) : undefined },
      ]),
    );
  }

  /** As it was when it was last read; undefined when that is forgotten or it is gone. */
  endpointOf(webhookId: WebhookId): WebhookEndpoint | undefined {
    return this.endpoints.get(webhookId);
  }

  /** What is known around events, by their ids. */
  around(
    heads: Pick<LaneHead, 'webhookId' | 'event'>[],
    endpoints: ReadonlyMap<WebhookId, WebhookEndpoint>,
  ): Promise<ReadonlyMap<string, EventSurroundings>> {
    return this.parts.bodies.around(
      heads.flatMap(({ webhookId, event }) => {
        const endpoint = endpoints.get(webhookId);
        return event && endpoint ? [{ event, version: endpoint.payloadVersion }] : [];
      }),
    );
  }

  /**
   * Endpoints of these webhooks, read again where they are unknown or changed; one that is missing in the answer is gone.
   * The answer is the caller's own: what others read or forget meanwhile makes no endpoint look gone.
   */
  async endpointsOf(
    heads: Pick<LaneHead, 'webhookId' | 'endpointVersion'>[],
  ): Promise<ReadonlyMap<WebhookId, WebhookEndpoint>> {
    const found = new Map<WebhookId, WebhookEndpoint>();
    const stale = new Set<WebhookId>();
    for (const { webhookId, endpointVersion } of heads) {
      const known = this.endpoints.get(webhookId);
      if (known?.version === endpointVersion) found.set(webhookId, known);
      else stale.add(webhookId);
    }
    if (stale.size === 0) return found;
    const read = await readEndpoints(this.parts.db, [...stale]);
    for (const id of stale) this.endpoints.delete(id);
    if (this.endpoints.size + read.length > rememberedEndpoints) this.endpoints.clear();
    for (const endpoint of read) {
      this.endpoints.set(endpoint.webhookId, endpoint);
      found.set(endpoint.webhookId, endpoint);
    }
    return found;
  }
}

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
    await this.refresh(heads);
    const known = heads.flatMap((head) => {
      const endpoint = this.endpoints.get(head.webhookId);
      return endpoint ? [{ head, endpoint }] : [];
    });
    const told = known.flatMap(({ head, endpoint }) =>
      head.event ? [{ event: head.event, version: endpoint.payloadVersion }] : [],
    );
    const around = await this.parts.bodies.around(told);
    return new Map(
      known.map(({ head, endpoint }) => [
        laneKey(head),
        { head, endpoint, around: head.event ? around.get(head.event.id) : undefined },
      ]),
    );
  }

  /** Reads endpoints again that are unknown or changed. */
  private async refresh(heads: LaneHead[]): Promise<void> {
    const stale = heads.filter(
      ({ webhookId, endpointVersion }) => this.endpoints.get(webhookId)?.version !== endpointVersion,
    );
    if (stale.length === 0) return;
    const ids = [...new Set(stale.map(({ webhookId }) => webhookId))];
    for (const id of ids) this.endpoints.delete(id);
    const read = await readEndpoints(this.parts.db, ids);
    if (this.endpoints.size + read.length > rememberedEndpoints) this.endpoints.clear();
    for (const endpoint of read) this.endpoints.set(endpoint.webhookId, endpoint);
  }
}

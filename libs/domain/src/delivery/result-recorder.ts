import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookId } from '#contracts';
import {
  addToHoursLast,
  appendEvents,
  cancelDeliveries,
  type Database,
  type EndpointFinding,
  findWebhookAnywhere,
  type LaneHead,
  type LaneResult,
  noteEndpoints,
  type RecordedResults,
  recordResults,
  releaseLanes,
  switchOffWebhook,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';
import type { DisableNotices } from './disable-notices.js';
import { hoursOf } from './hour-tally.js';
import { type LaneReader, laneKey, type ReadyHead } from './lane-reader.js';

/** Why a webhook is switched off by its endpoint's doing. */
export type DisableReason = 'endpoint_gone' | 'endpoint_failing';

export interface Tried {
  result: LaneResult;
  finding: EndpointFinding | null;
  /** The webhook must be switched off because of this try. */
  disable: DisableReason | null;
  /** When the event happened; null when nothing was sent. */
  occurredAt: Date | null;
  /** It had been done with before. */
  isRedelivery: boolean;
}

/** Nothing more is sent to a webhook that is about to be switched off, in a transaction of its own. */
const SWITCH_OFF_MS = 60_000;
/** Most results in one transaction. */
const batchSize = 500;
const retryMs = 500;

/** What became of a lane with the record of its result. */
export interface AfterRecord {
  /** The next delivery of a lane that was kept; null when there is none, or the lane is not ours any more. */
  next: ReadyHead | null;
  /** Lanes of its webhook were given back that may be due. */
  isGivenBack: boolean;
}

interface Entry {
  tried: Tried;
  done: (after: AfterRecord) => void;
}

const nothing: RecordedResults = { attempts: new Set(), deliveries: new Set(), heads: [], givenBack: new Set() };

/**
 * Writes results in batches: whatever came in while one batch is being written is the next. A result is written until
 * that has worked; when the outcome of a commit is unknown it is written again, which changes nothing.
 */
export class ResultRecorder {
  private pending: Entry[] = [];
  private writing: Promise<void> | undefined;
  private givenUp = false;

  constructor(
    private readonly parts: {
      db: Database;
      notices: DisableNotices;
      log: Logger;
      reader: LaneReader;
      clock: () => Date;
    },
  ) {}

  /** Resolves when the result is committed. */
  record(tried: Tried): Promise<AfterRecord> {
    return new Promise((done) => {
      this.pending.push({ tried, done });
      this.writing ??= this.write().finally(() => {
        this.writing = undefined;
      });
    });
  }

  /** Stops trying again when the database is away: what is not recorded will be repeated under the same id. */
  giveUp(): void {
    this.givenUp = true;
  }

  private async write(): Promise<void> {
    while (this.pending.length > 0) {
      const batch = this.pending.splice(0, batchSize);
      let recorded = await this.commit(batch);
      while (!recorded && !this.givenUp) {
        await delay(retryMs);
        recorded = await this.commit(batch);
      }
      // The next batch need not wait for what the next deliveries of this one need.
      void this.tell(batch, recorded ?? nothing);
    }
  }

  private async commit(batch: Entry[]): Promise<RecordedResults | null> {
    try {
      const tried = batch.map((entry) => entry.tried);
      const findings = mergedFindings(tried);
      const recorded = await this.parts.db.system(async (tx) => {
        // The planner locks webhooks before lanes too.
        const [, results] = await Promise.all([
          findings.length > 0 && noteEndpoints(tx, findings),
          recordResults(
            tx,
            tried.map(({ result }) => result),
          ),
        ]);
        addToHoursLast(tx, hoursOf(tried, results));
        return results;
      });
      for (const { result, disable } of tried) {
        if (disable !== null) await this.disable(result.lane.webhookId, disable);
      }
      return recorded;
    } catch (error) {
      this.parts.log.warn({ err: error }, 'recording webhook results failed; it is tried again');
      return null;
    }
  }

  /** What could not be made ready is given back. */
  private async tell(batch: Entry[], { heads, givenBack }: RecordedResults): Promise<void> {
    const ready = await this.readyOf(heads);
    for (const { tried, done } of batch) {
      const { lane, nextDueAt } = tried.result;
      const isDue = nextDueAt <= this.parts.clock();
      done({ next: ready.get(laneKey(lane)) ?? null, isGivenBack: isDue && givenBack.has(lane.webhookId) });
    }
  }

  private async readyOf(heads: LaneHead[]): Promise<ReadonlyMap<string, ReadyHead>> {
    if (heads.length === 0) return new Map();
    const now = this.parts.clock();
    const wanted = heads.filter(({ pausedUntil }) => pausedUntil === null || pausedUntil <= now);
    const ready = await this.parts.reader.ready(wanted).catch((error: unknown): ReadonlyMap<string, ReadyHead> => {
      this.parts.log.warn({ err: error }, 'reading webhook deliveries failed; they are claimed again');
      return new Map();
    });
    const left = heads.filter((head) => !ready.has(laneKey(head)));
    if (left.length > 0) await releaseLanes(this.parts.db, left, now).catch(() => undefined);
    return ready;
  }

  /** A transaction of its own, in the order webhook, lanes, log. Switching off twice changes nothing. */
  private async disable(webhookId: WebhookId, reason: DisableReason): Promise<void> {
    const mails = await this.parts.notices.prepare(webhookId, reason);
    await this.parts.db.system(async (tx) => {
      const webhook = await findWebhookAnywhere(tx, webhookId, 'update');
      if (!webhook?.enabled) return;
      await switchOffWebhook(tx, webhookId, reason);
      await cancelDeliveries(tx, webhookId);
      const { organizationId, profileId, url } = webhook;
      for (const mail of mails) await mail.queue(tx);
      await recordAudit(
        tx,
        { kind: 'system', organizationId },
        {
          action: 'webhook.disable',
          resource: { type: 'webhook', id: webhookId, name: new URL(url).host },
          after: { enabled: false, reason },
        },
      );
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          name: 'webhook.disabled',
          actor: { kind: 'system' },
          payload: { webhookId, url, reason },
        },
      ]);
    });
  }
}

/** One finding for each webhook: a single success ends a run of failures, the longest pause counts. */
function mergedFindings(tried: Tried[]): EndpointFinding[] {
  const merged = new Map<WebhookId, EndpointFinding>();
  for (const { finding, disable } of tried) {
    if (finding === null) continue;
    const pausedUntil = disable === null ? finding.pausedUntil : new Date(finding.at.getTime() + SWITCH_OFF_MS);
    const known = merged.get(finding.webhookId);
    if (known === undefined) merged.set(finding.webhookId, { ...finding, pausedUntil });
    else {
      known.succeeded ||= finding.succeeded;
      if (pausedUntil !== null && (known.pausedUntil === null || pausedUntil > known.pausedUntil)) {
        known.pausedUntil = pausedUntil;
      }
    }
  }
  return [...merged.values()];
}

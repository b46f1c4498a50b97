import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookId } from '#contracts';
import {
  appendEvents,
  cancelDeliveries,
  type Database,
  disableWebhook,
  type EndpointFinding,
  type LaneResult,
  noteEndpoints,
  recordResults,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';

/** Why a webhook is switched off by its endpoint's doing. */
export type DisableReason = 'endpoint_gone' | 'endpoint_failing';

export interface Tried {
  result: LaneResult;
  finding: EndpointFinding | null;
  /** The webhook must be switched off because of this try. */
  disable: DisableReason | null;
}

/** Most results in one transaction. */
const batchSize = 500;
const retryMs = 500;

/**
 * Writes results in batches: whatever came in while one batch is being written is the next. A result is written until
 * that has worked; when the outcome of a commit is unknown it is written again, which changes nothing.
 */
export class ResultRecorder {
  private pending: { tried: Tried; done: () => void }[] = [];
  private writing: Promise<void> | undefined;
  private givenUp = false;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  /** Resolves when the result is committed. */
  record(tried: Tried): Promise<void> {
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
      const tried = batch.map((entry) => entry.tried);
      while (!(await this.commit(tried)) && !this.givenUp) await delay(retryMs);
      for (const { done } of batch) done();
    }
  }

  private async commit(tried: Tried[]): Promise<boolean> {
    try {
      const findings = mergedFindings(tried);
      await this.db.system(async (tx) => {
        if (findings.length > 0) await noteEndpoints(tx, findings);
        await recordResults(
          tx,
          tried.map(({ result }) => result),
        );
      });
      for (const { result, disable } of tried) {
        if (disable !== null) await this.disable(result.lane.webhookId, disable);
      }
      return true;
    } catch (error) {
      this.log.warn({ err: error }, 'recording webhook results failed; it is tried again');
      return false;
    }
  }

  /** A transaction of its own, in the order webhook, lanes, log. Switching off twice changes nothing. */
  private async disable(webhookId: WebhookId, reason: DisableReason): Promise<void> {
    await this.db.system(async (tx) => {
      const webhook = await disableWebhook(tx, webhookId, reason);
      if (webhook === null) return;
      await cancelDeliveries(tx, webhookId);
      const { organizationId, profileId, url } = webhook;
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
  for (const { finding } of tried) {
    if (finding === null) continue;
    const known = merged.get(finding.webhookId);
    if (known === undefined) merged.set(finding.webhookId, { ...finding });
    else {
      known.succeeded ||= finding.succeeded;
      if (finding.pausedUntil !== null && (known.pausedUntil === null || finding.pausedUntil > known.pausedUntil)) {
        known.pausedUntil = finding.pausedUntil;
      }
    }
  }
  return [...merged.values()];
}

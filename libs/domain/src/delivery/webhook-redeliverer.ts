import {
  advanceRedelivery,
  claimRedelivery,
  type Database,
  listDeliveriesToRepeat,
  listOpenRedeliveries,
  repeatDeliveries,
} from '#database';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';

/** Deliveries that are put in line in one transaction. */
const batchSize = 1000;
/** Redeliveries, of different webhooks, that are looked at in one turn. */
const atOnce = 16;

/**
 * Carries out redeliveries in steps: each puts some deliveries in line and notes how far it came in one transaction, so
 * that another worker goes on where one died and no delivery is put in line twice.
 */
export class WebhookRedeliverer {
  private readonly loop: WorkLoop;

  constructor(
    private readonly db: Database,
    log: Logger,
  ) {
    this.loop = new WorkLoop({
      ...{ db, log, channel: 'redeliveries', failed: 'a step of a redelivery failed; it is tried again' },
      turn: () => this.turn(),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Ends after the step under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<Turn> {
    let isMore = false;
    for (const open of await listOpenRedeliveries(this.db, atOnce)) {
      if (this.loop.isStopping) break;
      isMore = (await this.step(open)) || isMore;
    }
    return isMore ? 'more' : 'nothing';
  }

  /** @returns whether it did something */
  private step(open: Awaited<ReturnType<typeof listOpenRedeliveries>>[number]): Promise<boolean> {
    return this.db.system(async (tx) => {
      const claimed = await claimRedelivery(tx, open);
      if (!claimed) return false;
      const { redelivery, isEnabled } = claimed;
      if (!isEnabled) {
        await advanceRedelivery(tx, open.id, { lastId: null, queued: 0, skipped: 0, state: 'cancelled' });
        return true;
      }
      const next = await listDeliveriesToRepeat(tx, redelivery, batchSize);
      const queued = await repeatDeliveries(tx, open.webhookId, next);
      await advanceRedelivery(tx, open.id, {
        lastId: next.at(-1)?.id ?? null,
        queued: queued.length,
        skipped: next.filter(({ hasEvent }) => !hasEvent).length,
        state: next.length < batchSize ? 'completed' : 'running',
      });
      tx.wake('deliveries', open.webhookId);
      return true;
    });
  }
}

import type { Actor, BroadcastId } from '#contracts';
import {
  countMatching,
  type Database,
  listRecipients,
  type RecipientFilter,
  type RecipientMoment,
  type RecipientRow,
  recipientMoments,
} from '#database';
import { type BroadcastView, getBroadcast, viewsOf } from './broadcasts.js';

/** Recipients that are read at once for a file. */
const PAGE = 1_000;

/** What became of a broadcast: figures, their course, and every single recipient. */
export class BroadcastReports {
  constructor(private readonly db: Database) {}

  /** @param stepSeconds of the course over time @throws notFound */
  stats(actor: Actor, id: BroadcastId, stepSeconds: number): Promise<BroadcastView & { moments: RecipientMoment[] }> {
    return this.db.tenant(actor, async (tx) => {
      const row = await getBroadcast(tx, actor, id);
      const [[view], moments] = await Promise.all([viewsOf(tx, [row]), recipientMoments(tx, id, stepSeconds)]);
      return { ...view!, moments };
    });
  }

  /** Recipients in their order, and how many fit. @throws notFound */
  recipients(
    actor: Actor,
    id: BroadcastId,
    filter: RecipientFilter,
    page: { after?: number; offset?: number; limit: number },
  ): Promise<{ recipients: RecipientRow[]; total: number; variants: string[] }> {
    return this.db.tenant(actor, async (tx) => {
      const { variants } = await getBroadcast(tx, actor, id);
      const [recipients, total] = await Promise.all([
        listRecipients(tx, id, filter, page),
        countMatching(tx, id, filter),
      ]);
      return { recipients, total, variants: variants.map(({ name }) => name) };
    });
  }

  /** All recipients that fit, page by page as they are taken. @throws notFound, before the first page */
  async allRecipients(
    actor: Actor,
    id: BroadcastId,
    filter: RecipientFilter,
  ): Promise<{ pages: AsyncGenerator<RecipientRow[]>; variants: string[] }> {
    const { variants } = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    return { pages: this.pages(actor, id, filter), variants: variants.map(({ name }) => name) };
  }

  /** A transaction for each page: a slow reader holds none. */
  private async *pages(actor: Actor, id: BroadcastId, filter: RecipientFilter): AsyncGenerator<RecipientRow[]> {
    for (let after: number | undefined; ; ) {
      const page = { after, limit: PAGE };
      const rows = await this.db.tenant(actor, (tx) => listRecipients(tx, id, filter, page));
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.position;
    }
  }
}

import type { BroadcastCounts, BroadcastId } from '#contracts';
import { countRecipients, type RecipientCount, type Tx } from '#database';

/** How many of a broadcast failed, or were left out, for one reason. */
export interface ReasonCount {
  reason: string;
  count: number;
}

/** The figures of a broadcast at one moment, all of them counted from its recipients. */
export interface BroadcastFigures {
  counts: BroadcastCounts;
  failures: ReasonCount[];
  exclusions: ReasonCount[];
  /** By variant, in their order; those without recipients are absent. */
  variants: { variant: number; counts: BroadcastCounts }[];
  senders: { profileId: string; counts: BroadcastCounts }[];
}

/** @returns the figures of each broadcast */
export async function figuresOf(
  tx: Pick<Tx, 'query'>,
  ids: readonly BroadcastId[],
): Promise<Map<BroadcastId, BroadcastFigures>> {
  const rows = await countRecipients(tx, ids);
  return new Map(
    ids.map((id) => {
      const own = rows.filter((row) => row.broadcastId === id);
      const variants = [...new Set(own.map((row) => row.variant))].sort((a, b) => a - b);
      const senders = [...new Set(own.flatMap((row) => row.senderId ?? []))].sort();
      const figures: BroadcastFigures = {
        counts: countsOf(own),
        failures: byReason(own.filter(({ state }) => state === 'failed' || state === 'expired' || state === 'unknown')),
        exclusions: byReason(own.filter(({ state }) => state === 'excluded')),
        variants: variants.map((variant) => ({
          variant,
          counts: countsOf(own.filter((row) => row.variant === variant)),
        })),
        senders: senders.map((profileId) => ({
          profileId,
          counts: countsOf(own.filter((row) => row.senderId === profileId)),
        })),
      };
      return [id, figures];
    }),
  );
}

/** Adds rows up. */
export function countsOf(rows: readonly RecipientCount[]): BroadcastCounts {
  const sum = (...states: RecipientCount['state'][]) =>
    rows.reduce((all, { state, count }) => (states.includes(state) ? all + count : all), 0);
  const excluded = sum('excluded');
  return {
    total: rows.reduce((all, { count }) => all + count, 0) - excluded,
    pending: sum('pending'),
    queued: sum('queued'),
    sent: sum('sent', 'delivered', 'read', 'played'),
    delivered: sum('delivered', 'read', 'played'),
    read: sum('read', 'played'),
    failed: sum('failed'),
    cancelled: sum('cancelled'),
    expired: sum('expired'),
    unknown: sum('unknown'),
    excluded,
    replied: rows.reduce((all, { replied }) => all + replied, 0),
    optedOut: rows.reduce((all, { optedOut }) => all + optedOut, 0),
  };
}

/** The most frequent first, else by name: always in the same order. */
function byReason(rows: readonly RecipientCount[]): ReasonCount[] {
  const counts = new Map<string, number>();
  for (const { reason, count } of rows) counts.set(reason ?? 'unknown', (counts.get(reason ?? 'unknown') ?? 0) + count);
  const listed = [...counts].map(([reason, count]) => ({ reason, count }));
  return listed.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

import type { ReceiptRow, SentMessageState } from '#database';
import type { ReceiptFact } from '#engine';

/**
 * One row for each message and person, with the earliest time of each step. Who read a message also got it, and who
 * played it did both. Messages that are not known are left out.
 * @param personIds who each fact is by
 */
export function foldReceipts(
  facts: ReceiptFact[],
  personIds: string[],
  known: Map<string, SentMessageState>,
): ReceiptRow[] {
  const rows = new Map<string, ReceiptRow>();
  for (const [index, { waMessageIds, state, at }] of facts.entries()) {
    for (const waMessageId of waMessageIds) {
      const messageId = known.get(waMessageId)?.messageId;
      if (messageId === undefined) continue;
      const personId = personIds[index]!;
      const key = `${messageId} ${personId}`;
      const row = rows.get(key) ?? { messageId, personId, deliveredAt: null, readAt: null, playedAt: null };
      row.deliveredAt = earlier(row.deliveredAt, at);
      if (state !== 'delivered') row.readAt = earlier(row.readAt, at);
      if (state === 'played') row.playedAt = earlier(row.playedAt, at);
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

function earlier(known: Date | null, at: Date): Date {
  return known === null || at < known ? at : known;
}

import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import type { RecipientRow } from '#database';
import { type BroadcastRecipientOut, presentRecipient } from './broadcast-report.dto.js';

const columns = [
  'position',
  'phone',
  'chatId',
  'name',
  'line',
  'status',
  'reason',
  'variant',
  'senderId',
  'attempts',
  'queuedAt',
  'sentAt',
  'deliveredAt',
  'readAt',
  'repliedAt',
  'optedOutAt',
  'messageId',
  'conversationId',
] as const satisfies (keyof BroadcastRecipientOut)[];

/** Streams recipients as CSV, one page after another: what a slow client has not taken yet is not read. */
export function recipientsFile(pages: AsyncGenerator<RecipientRow[]>, variants: readonly string[]): StreamableFile {
  // A cell that begins like a formula is written as text: names were chosen by strangers.
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true, bom: true });
  const source = Readable.from(cells(pages, variants));
  source.on('error', (failure) => csv.destroy(failure));
  csv.on('close', () => source.destroy());
  const disposition = 'attachment; filename="recipients.csv"';
  return new StreamableFile(source.pipe(csv), { type: 'text/csv; charset=utf-8', disposition });
}

async function* cells(
  pages: AsyncGenerator<RecipientRow[]>,
  variants: readonly string[],
): AsyncGenerator<(string | number | null)[]> {
  for await (const rows of pages) {
    for (const row of rows) {
      const shown = presentRecipient(row, variants);
      yield columns.map((column) => shown[column]);
    }
  }
}

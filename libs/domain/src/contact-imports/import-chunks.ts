import type { Table } from '../tabular/table.js';
import { type ReadRow, type RowRules, readRow, repeatOf } from './import-row.js';
import { SeenPhones } from './seen-phones.js';

/**
 * Reads the rows of a file that follow so many, some at a time. What comes before is read too, for its numbers: of rows
 * with one number the first counts. The next chunk is read while the one before is worked on. Memory: two chunks.
 */
export async function* readChunks(
  table: Table,
  rules: RowRules,
  { from, atOnce, onRead }: { from: number; atOnce: number; onRead(): void },
): AsyncGenerator<ReadRow[]> {
  const chunks = chunksOf(table, rules, { from, atOnce, onRead });
  let next = chunks.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = chunks.next();
      // Told to whoever asks for it.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await chunks.return(undefined);
  }
}

async function* chunksOf(
  table: Table,
  rules: RowRules,
  { from, atOnce, onRead }: { from: number; atOnce: number; onRead(): void },
): AsyncGenerator<ReadRow[]> {
  const seen = new SeenPhones();
  let position = 0;
  let chunk: ReadRow[] = [];
  for await (const batch of table.batches) {
    onRead();
    for (const tableRow of batch) {
      const row = readRow(tableRow, position, rules);
      const firstLine = row.candidate && seen.note(row.candidate.phone, row.line);
      if (position >= from) chunk.push(firstLine === undefined ? row : repeatOf(row, firstLine));
      position += 1;
      if (chunk.length < atOnce) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import { harmlessCell } from '#domain';

/**
 * Streams rows as a CSV file, one after another: what a slow client has not taken yet is not read. Spreadsheets open it in
 * UTF-8, and take no cell for a formula.
 */
export function csvFile(
  columns: readonly string[],
  rows: AsyncIterable<readonly (string | number | null)[]>,
  fileName: string,
): StreamableFile {
  const csv = stringify({ bom: true, record_delimiter: 'windows' });
  const source = Readable.from(cells(columns, rows));
  source.on('error', (failure) => csv.destroy(failure));
  csv.on('close', () => source.destroy());
  const disposition = `attachment; filename="${fileName}"`;
  return new StreamableFile(source.pipe(csv), { type: 'text/csv; charset=utf-8', disposition });
}

async function* cells(columns: readonly string[], rows: AsyncIterable<readonly (string | number | null)[]>) {
  yield columns.map(harmlessCell);
  for await (const row of rows) yield row.map(harmlessCell);
}

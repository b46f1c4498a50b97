import { TextDecoder } from 'node:util';
import { type CsvGiven, csvRows, detectForm, readSample } from './csv-table.js';
import {
  type Table,
  type TableFile,
  type TableFormat,
  type TableRow,
  type TableRows,
  TableUnreadable,
} from './table.js';
import { decoderOf, detectEncoding } from './text-decoding.js';
import { vcardColumns, vcardRows } from './vcard-table.js';
import { workbookRows } from './workbook-table.js';

/** What the caller knows of a file. */
export interface TableGiven extends CsvGiven {
  /**
   * Whether the first row has titles. Absent: `isTitles` decides by looking at it.
   */
  hasTitles?: boolean;
  /** Whether a row is one of titles. Absent: the first one always is. */
  isTitles?(cells: string[]): boolean;
}

/**
 * Opens a file of rows: CSV in any usual encoding and with any usual delimiter, an Excel workbook, or vCards. What it is
 * shows in its content, not in its name. The file is streamed, so memory does not grow with it.
 * @throws TableUnreadable here, or while reading when it is damaged further on
 */
export async function openTable(file: TableFile, given: TableGiven = {}): Promise<Table> {
  const sample = await readSample(file);
  if (given.encoding !== undefined) decoderOf(given.encoding);
  const format = formatOf(sample, given.encoding);
  if (format === 'vcard') {
    const encoding = given.encoding ?? detectEncoding(sample);
    return { format, columns: vcardColumns, ...counted(vcardRows(file, encoding)) };
  }
  const rows = format === 'xlsx' ? counted(workbookRows(file)) : csvRows(file, detectForm(sample, given));
  return withTitles(format, rows, given);
}

/** What a file is by its first bytes. @throws TableUnreadable for what has no rows */
export function formatOf(sample: Buffer, encoding?: string): TableFormat {
  if (sample.length === 0) throw new TableUnreadable('The file is empty.');
  if (sample.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return 'xlsx';
  if (sample.subarray(0, 4).toString('hex') === 'd0cf11e0') {
    throw new TableUnreadable(
      'This is a workbook of an old kind (.xls), or one with a password. Save it as .xlsx or CSV.',
    );
  }
  const detected = encoding ?? detectEncoding(sample);
  const text = new TextDecoder(detected).decode(sample.subarray(0, 4096));
  if (/^\s*BEGIN:VCARD/i.test(text)) return 'vcard';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what text files do not have
  if (/[\0-\x08\x0e-\x1a]/.test(text) || /^(%PDF|<!doctype|<html|<\?xml|[[{]\s*["{[])/i.test(text.trimStart())) {
    throw new TableUnreadable('The file is neither CSV nor an Excel workbook (.xlsx) nor vCards (.vcf).');
  }
  return 'csv';
}

/** Of files whose rows have to be read to be counted. */
function counted(batches: AsyncGenerator<TableRow[]>): TableRows {
  const counts = (async function* () {
    for await (const batch of batches) yield batch.length;
  })();
  return { batches, counts };
}

async function withTitles(format: TableFormat, rows: TableRows, given: TableGiven): Promise<Table> {
  const { hasTitles, isTitles = () => true } = given;
  const first = await rows.batches.next();
  const batch = first.done ? [] : first.value;
  const [titles] = batch;
  const isTitleRow = titles !== undefined && !titles.problem && (hasTitles ?? isTitles(titles.cells));
  const columns = isTitleRow ? titles.cells.map((title) => title.trim()) : [];
  const rest = isTitleRow ? batch.slice(1) : batch;
  const close = () => rows.batches.return(undefined);
  return {
    format,
    columns,
    batches: behind(rest.length > 0 ? [rest] : [], rows.batches, close),
    counts: behind([rest.length], rows.counts, close),
  };
}

async function* behind<T>(first: T[], others: AsyncGenerator<T>, close: () => Promise<unknown>): AsyncGenerator<T> {
  try {
    yield* first;
    yield* others;
  } finally {
    // Also when nobody reads further than the first rows.
    await close();
  }
}

import { TextDecoder } from 'node:util';
import { fileTypeFromBuffer } from 'file-type';
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

/** Characters that text does not have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\0-\x08\x0e-\x1a]/;

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
  const format = await formatOf(sample, given.encoding);
  if (format === 'vcard') {
    const encoding = given.encoding ?? detectEncoding(sample);
    return { format, columns: vcardColumns, ...counted(vcardRows(file, encoding)) };
  }
  const rows = format === 'xlsx' ? counted(workbookRows(file)) : csvRows(file, detectForm(sample, given));
  return withTitles(format, rows, given);
}

/** What a file is by its first bytes. @throws TableUnreadable for what has no rows */
async function formatOf(sample: Buffer, encoding?: string): Promise<TableFormat> {
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
  const isOther = /^(%PDF|<!doctype|<html|<\?xml|[[{]\s*["{[])/i.test(text.trimStart());
  if (isOther || (controls.test(text) && (await isBinary(sample, text)))) {
    throw new TableUnreadable('The file is neither CSV nor an Excel workbook (.xlsx) nor vCards (.vcf).');
  }
  return 'csv';
}

/**
 * Whether a file with control characters is no text. In a text some of them may have come into single rows, which are told
 * of by themselves; other files are of a type that shows, or have them nearly everywhere.
 */
async function isBinary(sample: Buffer, beginning: string): Promise<boolean> {
  if (await fileTypeFromBuffer(sample)) return true;
  const lines = beginning.split(/[\r\n]+/).filter((line) => line !== '');
  return lines.filter((line) => controls.test(line)).length > lines.length / 2;
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
  const titles = batch[0] && titlesOf(batch[0]);
  const isTitleRow = titles !== undefined && (hasTitles ?? isTitles(titles));
  const columns = isTitleRow ? titles.map((title) => title.trim()) : [];
  const rest = isTitleRow ? batch.slice(1) : batch;
  const close = () => rows.batches.return(undefined);
  return {
    format,
    columns,
    batches: behind(rest.length > 0 ? [rest] : [], rows.batches, close),
    counts: behind([rest.length], rows.counts, close),
  };
}

/** The cells of a row that may be one of titles. A NUL in them costs nothing that anybody would miss. */
function titlesOf({ cells, problem }: TableRow): string[] | undefined {
  if (problem && problem.code !== 'nul') return undefined;
  return cells.map((cell) => cell.replaceAll('\0', ''));
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

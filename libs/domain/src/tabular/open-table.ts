import { TextDecoder } from 'node:util';
import { type CsvGiven, csvRows, detectForm, readSample } from './csv-table.js';
import { type Table, type TableFile, type TableFormat, type TableRow, TableUnreadable } from './table.js';
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
    return { format, columns: vcardColumns, batches: vcardRows(file, encoding) };
  }
  const rows = format === 'xlsx' ? workbookRows(file) : csvRows(file, detectForm(sample, given));
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

async function withTitles(format: TableFormat, rows: AsyncGenerator<TableRow[]>, given: TableGiven): Promise<Table> {
  const { hasTitles, isTitles = () => true } = given;
  const first = await rows.next();
  const batch = first.done ? [] : first.value;
  const [titles] = batch;
  const isTitleRow = titles !== undefined && !titles.problem && (hasTitles ?? isTitles(titles.cells));
  const columns = isTitleRow ? titles.cells.map((title) => title.trim()) : [];
  const batches = (async function* () {
    const rest = isTitleRow ? batch.slice(1) : batch;
    try {
      if (rest.length > 0) yield rest;
      yield* rows;
    } finally {
      // Also when nobody reads further than the first rows.
      await rows.return(undefined);
    }
  })();
  return { format, columns, batches };
}

import { TextDecoder } from 'node:util';
import { CsvParser } from './csv-parser.js';
import type { TableFile, TableRows } from './table.js';
import { decodeText, detectEncoding } from './text-decoding.js';

const delimiters = [',', ';', '\t', '|'] as const;
/** How much of a file is looked at to learn what it is. */
const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_ROWS = 50;

/** How a delimited text is written. */
export interface CsvForm {
  encoding: string;
  delimiter: string;
  newline: '\n' | '\r';
  /** The first line is Excel's `sep=;`, which is no row. */
  hasSeparatorLine: boolean;
}

/** What the callers know of a file better than it shows. */
export interface CsvGiven {
  encoding?: string;
  delimiter?: string;
}

export async function readSample(file: TableFile): Promise<Buffer> {
  const end = Math.min(file.sizeBytes, SAMPLE_BYTES) - 1;
  if (end < 0) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.open({ start: 0, end })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Learns from its beginning how a text is written. */
export function detectForm(sample: Buffer, given: CsvGiven = {}): CsvForm {
  const encoding = given.encoding ?? detectEncoding(sample);
  const text = new TextDecoder(encoding).decode(sample);
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  const separator = /^sep=(.)\r?[\n\r]/i.exec(text)?.[1];
  const delimiter = given.delimiter ?? separator ?? likeliestDelimiter(text, newline);
  return { encoding, delimiter, newline, hasSeparatorLine: separator !== undefined };
}

/** The rows of a delimited text. */
export function csvRows(file: TableFile, form: CsvForm): TableRows {
  const parser = new CsvParser(form.delimiter, form.newline);
  const texts = textsOf(file, form.encoding);
  let skip = form.hasSeparatorLine;
  const batches = (async function* () {
    for await (const text of texts) {
      const rows = parser.push(text);
      if (skip && rows.length > 0) {
        rows.shift();
        skip = false;
      }
      if (rows.length > 0) yield rows;
    }
    const last = parser.end();
    if (last.length > 0) yield last;
  })();
  const counts = (async function* () {
    for await (const text of texts) yield parser.count(text);
    yield parser.count(null);
  })();
  return { batches, counts };
}

async function* textsOf(file: TableFile, encoding: string): AsyncGenerator<string> {
  const bytes = await file.open();
  try {
    yield* decodeText(bytes, encoding);
  } finally {
    bytes.destroy();
  }
}

/** The one that gives most rows the same number of cells, and more than one. */
function likeliestDelimiter(text: string, newline: '\n' | '\r'): string {
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const counts = new Map<number, number>();
    const rows = new CsvParser(delimiter, newline).push(text.endsWith(newline) ? text : text + newline);
    for (const { cells } of rows.slice(0, SAMPLE_ROWS)) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
    for (const [cells, times] of counts) {
      const score = cells > 1 ? times * 100 + cells : 0;
      if (score > best.score) best = { delimiter, score };
    }
  }
  return best.delimiter;
}

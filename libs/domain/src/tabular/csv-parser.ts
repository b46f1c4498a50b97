import { MOST_COLUMNS, MOST_ROW_CHARACTERS, type RowProblem, type TableRow } from './table.js';
import { UNDECODABLE } from './text-decoding.js';

/** Most lines of one quoted row: beyond it a quotation mark was forgotten. */
const MOST_ROW_LINES = 100;

const unclosed: RowProblem = {
  code: 'quotes',
  message: 'A quotation mark opens a cell and none closes it. Close it, or double quotation marks inside of cells.',
};
const tooLong: RowProblem = {
  code: 'row_too_long',
  message: `The row has more than ${MOST_ROW_CHARACTERS} characters.`,
};
const undecodable: RowProblem = {
  code: 'encoding',
  message: 'The row has bytes that are no text in the encoding of the file. Save the file as UTF-8.',
};

const nul: RowProblem = {
  code: 'nul',
  message: 'The row has a NUL character (a zero byte), which no text has. Take it out.',
};

/**
 * Reads delimited text as it comes: RFC 4180, and what spreadsheets make of it. Own code, because a row that is broken
 * must cost that row only: the parsers that exist give up at a quotation mark that is never closed, or swallow all that
 * follows. Here such a row ends with its first line, and its lines are counted right. Most rows have no quotation mark,
 * and those are split in one step.
 */
export class CsvParser {
  private text = '';
  private line = 1;
  /** In the middle of a row that is too long, of which only the end is of interest. */
  private isSkipping = false;

  constructor(
    private readonly delimiter: string,
    /** `\r` in files of old Macs. */
    private readonly newline: '\n' | '\r' = '\n',
  ) {}

  /** The rows that are complete now. */
  push(text: string): TableRow[] {
    const rows: TableRow[] = [];
    this.read(text, rows);
    return rows;
  }

  /** The last row, which nothing may end. */
  end(): TableRow[] {
    const rows: TableRow[] = [];
    this.read(null, rows);
    return rows;
  }

  /** How many rows `push` would have given, or `end` for null: most lines are only stepped over. */
  count(text: string | null): number {
    return this.read(text, null);
  }

  /** @param added null: nothing follows @returns how many rows there were */
  private read(added: string | null, rows: TableRow[] | null): number {
    const isLast = added === null;
    this.text = this.text === '' ? (added ?? '') : this.text + (added ?? '');
    const { text, newline } = this;
    let count = 0;
    let at = 0;
    let quote = text.indexOf('"');
    while (at < text.length) {
      const found = text.indexOf(newline, at);
      if (found < 0 && !isLast) break;
      const lineEnd = found < 0 ? text.length : found;
      if (this.isSkipping) {
        this.isSkipping = false;
        this.line += 1;
        at = lineEnd + 1;
        continue;
      }
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      let end = lineEnd;
      let row: { cells: string[]; problem?: RowProblem };
      if (quote < 0 || quote > lineEnd) {
        if (rows === null && this.isFilledFrom(at)) {
          count += 1;
          this.line += 1;
          at = lineEnd + 1;
          continue;
        }
        row = { cells: text.slice(at, this.withoutReturn(at, lineEnd)).split(this.delimiter) };
      } else {
        const quoted = this.readQuoted(at, isLast);
        if (quoted === 'incomplete') break;
        row = quoted === 'broken' ? { cells: [], problem: unclosed } : quoted;
        if (quoted !== 'broken') end = quoted.end;
      }
      if (this.add(rows, row, end - at)) count += 1;
      this.line += 1 + (end > lineEnd ? countOf(text, newline, at, end) : 0);
      at = end + 1;
    }
    this.text = isLast ? '' : text.slice(at);
    if (this.text.length > MOST_ROW_CHARACTERS && this.text.indexOf(newline) < 0) {
      if (!this.isSkipping) {
        rows?.push({ line: this.line, cells: [], problem: tooLong });
        count += 1;
      }
      this.isSkipping = true;
      this.text = '';
    }
    return count;
  }

  /** @returns whether it is a row */
  private add(
    rows: TableRow[] | null,
    { cells, problem }: { cells: string[]; problem?: RowProblem },
    length: number,
  ): boolean {
    if (length > MOST_ROW_CHARACTERS) {
      rows?.push({ line: this.line, cells: [], problem: tooLong });
      return true;
    }
    if (!problem && cells.every((cell) => cell.trim() === '')) return false;
    if (rows === null) return true;
    const read = cells.length > MOST_COLUMNS ? cells.slice(0, MOST_COLUMNS) : cells;
    const row: TableRow = { line: this.line, cells: read };
    if (problem) row.problem = problem;
    else if (read.some(isUnusable)) row.problem = read.some(hasNul) ? nul : undecodable;
    rows.push(row);
    return true;
  }

  /** Whether the first character of a line shows that it is not blank. False says nothing. */
  private isFilledFrom(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code > 32 && code < 127 && this.text[at] !== this.delimiter;
  }

  private readQuoted(start: number, isLast: boolean) {
    const { text, delimiter, newline } = this;
    const cells: string[] = [];
    for (let at = start; ; ) {
      let cell: string;
      if (text[at] === '"') {
        const closing = this.closingQuote(at + 1);
        if (closing < 0) return isLast || this.isTooFar(start) ? ('broken' as const) : ('incomplete' as const);
        const next = this.afterQuote(closing + 1);
        if (next < 0) {
          if (!isLast) return 'incomplete' as const;
        } else if (!this.endsCell(next)) {
          return this.looseCells(start);
        }
        cell = text.slice(at + 1, closing).replaceAll('""', '"');
        at = next < 0 ? text.length : next;
      } else {
        const end = this.cellEnd(at);
        if (end < 0 && !isLast) return 'incomplete' as const;
        cell = text.slice(at, end < 0 ? text.length : end);
        at = end < 0 ? text.length : end;
        if (text[at] !== delimiter && cell.endsWith('\r')) cell = cell.slice(0, -1);
      }
      cells.push(cell);
      if (at >= text.length || text[at] === newline) return { cells, end: at };
      at += 1;
    }
  }

  /** Something stands behind a closing quotation mark. Within one line the marks are part of the text. */
  private looseCells(start: number) {
    const found = this.text.indexOf(this.newline, start);
    const end = found < 0 ? this.text.length : found;
    const line = this.text.slice(start, this.withoutReturn(start, end));
    // An odd number of them says that one is missing, and where the cells end is a guess.
    if ((line.split('"').length - 1) % 2 === 1) return 'broken' as const;
    return { cells: line.split(this.delimiter).map(unquoted), end };
  }

  private closingQuote(from: number): number {
    for (let at = from; ; ) {
      const quote = this.text.indexOf('"', at);
      if (quote < 0 || this.text[quote + 1] !== '"') return quote;
      at = quote + 2;
    }
  }

  /** What follows a closing mark, blanks and a carriage return aside; -1 when that is still to come. */
  private afterQuote(from: number): number {
    let at = from;
    while (this.text[at] === ' ' || (this.text[at] === '\r' && this.newline === '\n')) at += 1;
    return at < this.text.length ? at : -1;
  }

  private endsCell(at: number): boolean {
    return this.text[at] === this.delimiter || this.text[at] === this.newline;
  }

  private cellEnd(from: number): number {
    const delimiter = this.text.indexOf(this.delimiter, from);
    const newline = this.text.indexOf(this.newline, from);
    if (delimiter < 0 || newline < 0) return Math.max(delimiter, newline);
    return Math.min(delimiter, newline);
  }

  private isTooFar(start: number): boolean {
    const { text, newline } = this;
    return text.length - start > MOST_ROW_CHARACTERS || countOf(text, newline, start, text.length) > MOST_ROW_LINES;
  }

  private withoutReturn(start: number, end: number): number {
    return end > start && this.newline === '\n' && this.text[end - 1] === '\r' ? end - 1 : end;
  }
}

function unquoted(cell: string): string {
  const marked = /^"(.*)"$/s.exec(cell.trim());
  return marked ? marked[1]!.replaceAll('""', '"') : cell;
}

function isUnusable(cell: string): boolean {
  return cell.includes(UNDECODABLE) || hasNul(cell);
}

/** It is text for nobody, and PostgreSQL cannot store it. */
function hasNul(cell: string): boolean {
  return cell.includes('\0');
}

function countOf(text: string, what: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf(what, from); at >= 0 && at < to; at = text.indexOf(what, at + 1)) count += 1;
  return count;
}

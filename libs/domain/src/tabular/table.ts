import type { Readable } from 'node:stream';

/** The kinds of files that rows are read from. */
export type TableFormat = 'csv' | 'xlsx' | 'vcard';

/** A file somewhere: read from its beginning, or from the middle as workbooks need it. */
export interface TableFile {
  sizeBytes: number;
  /** @param range both ends included; absent: the whole file */
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/** Why a row cannot be used, whatever it is for. */
export interface RowProblem {
  code: 'encoding' | 'nul' | 'quotes' | 'row_too_long' | 'card_unreadable';
  message: string;
}

/** One row. Those without a single filled cell are left out. */
export interface TableRow {
  /** Where it begins: the line of a text file, the row of a sheet. Counted from 1. */
  line: number;
  cells: string[];
  problem?: RowProblem;
}

/** The rows of a file behind those that were read already. One of the two is gone through to its end, or closed. */
export interface TableRows {
  /** The rows in their order, some at a time, so that waiting costs little. Whoever stops early closes the file. */
  batches: AsyncGenerator<TableRow[]>;
  /** In place of the rows how many they are, some at a time: it costs much less where a file can be counted without them. */
  counts: AsyncGenerator<number>;
}

/** An opened file of rows. Reading it a second time gives the same rows in the same order. */
export interface Table extends TableRows {
  format: TableFormat;
  /** The first row where it is one of titles; empty where the file has none. */
  columns: string[];
}

/** The file is none that rows can be read from. The message is a sentence for the person who chose it. */
export class TableUnreadable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TableUnreadable';
  }
}

/** Most characters of a row: what is longer is a mistake, and not kept in memory. */
export const MOST_ROW_CHARACTERS = 65_536;
/** Most cells of a row that are read. */
export const MOST_COLUMNS = 200;

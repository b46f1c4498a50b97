/** What an import does with people who are contacts already. Nothing ever takes a tag or an opt-out away. */
export const existingContacts = ['update', 'skip', 'merge_tags'] as const;
export type ExistingContacts = (typeof existingContacts)[number];

export const importStates = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export type ImportState = (typeof importStates)[number];

/** What became of a row. New contacts are counted only; the others are in the report. */
export const importOutcomes = ['created', 'updated', 'unchanged', 'skipped', 'failed'] as const;
export type ImportOutcome = (typeof importOutcomes)[number];
export const reportedOutcomes = ['updated', 'skipped', 'failed'] as const satisfies ImportOutcome[];
export type ReportedOutcome = (typeof reportedOutcomes)[number];

export type ImportCounts = Record<ImportOutcome, number>;

/** What a column of a file can be taken for, besides custom fields (`custom.<key>`). */
export const importTargets = ['phone', 'name', 'first_name', 'last_name', 'tags', 'opted_out', 'ignore'] as const;
export type ImportTarget = (typeof importTargets)[number] | `custom.${string}`;

/** How a file of contacts is read. */
export interface ImportOptions {
  /** ISO 3166 code of two letters: whose numbers are written without plus; null: they have a country code. */
  defaultCountry: string | null;
  existing: ExistingContacts;
  /** Tags for everybody in the file. */
  tags: string[];
  encoding: string | null;
  delimiter: string | null;
  /** Whether the first row has titles; null: it shows. */
  hasTitles: boolean | null;
}

/** What a column of a file is taken for. */
export interface ImportColumn {
  /** Its title, or null in a file without. */
  title: string | null;
  target: ImportTarget;
}

/** Payload of all events of an import. Counts are of what is committed. */
export interface ImportProgress {
  importId: string;
  state: ImportState;
  isDryRun: boolean;
  fileName: string | null;
  /** Null until the rows were counted. */
  totalRows: number | null;
  doneRows: number;
  counts: ImportCounts;
  /** Stable code of what ended it as failed. */
  error: string | null;
}

/** How far an import is, in whole percent of its rows; null until they were counted. */
export function importPercent({ totalRows, doneRows }: Pick<ImportProgress, 'totalRows' | 'doneRows'>): number | null {
  if (totalRows === null) return null;
  return totalRows === 0 ? 100 : Math.floor((doneRows / totalRows) * 100);
}

export const importLimits = {
  /** Largest file, bytes. */
  fileBytes: 100 * 1024 ** 2,
  /** Most rows of a file. */
  rows: 1_000_000,
  /** Most contacts of one request that is answered at once. */
  atOnce: 1000,
  /** Most rows of CSV in a request that is answered at once. */
  csvRowsAtOnce: 5000,
  tags: 50,
  tagCharacters: 100,
  nameCharacters: 200,
  fieldCharacters: 2000,
  fields: 50,
} as const;

import type { Readable } from 'node:stream';

/** What a scanner says of a file. */
export type ScanVerdict = { isClean: true } | { isClean: false; found: string };

/** The scanner gave no verdict: it cannot be reached, is too slow, or refuses the file. */
export class ScanFailed extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ScanFailed';
  }
}

/** Looks for viruses in a stream. To add one: implement this, and open it in `openScanner`. */
export interface VirusScanner {
  /** The stream is destroyed afterwards, whatever came out. @throws ScanFailed */
  scan(stream: Readable): Promise<ScanVerdict>;
}

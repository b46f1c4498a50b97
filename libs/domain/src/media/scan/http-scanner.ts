import type { Readable } from 'node:stream';
import { ScanFailed, type ScanVerdict, type VirusScanner } from './virus-scanner.js';

const MOST_ANSWER = 65_536;

/**
 * A scanner of the operator's own: gets the bytes by POST, and answers 200 with `{"infected": false}` or
 * `{"infected": true, "found": "<name>"}`. The address is a setting of the installation, so it may be an internal one.
 */
export class HttpScanner implements VirusScanner {
  constructor(private readonly at: { url: string; timeoutMs: number }) {}

  async scan(stream: Readable): Promise<ScanVerdict> {
    try {
      const answer = await fetch(this.at.url, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: stream as unknown as ReadableStream,
        duplex: 'half',
        redirect: 'error',
        signal: AbortSignal.timeout(this.at.timeoutMs),
      } as RequestInit);
      const text = await answer.text();
      if (answer.status !== 200 || text.length > MOST_ANSWER) {
        throw new ScanFailed(`The scanner answered ${answer.status}.`);
      }
      return verdictOf(text);
    } catch (failure) {
      throw failure instanceof ScanFailed ? failure : new ScanFailed('The scanner does not answer.', failure);
    } finally {
      stream.destroy();
    }
  }
}

function verdictOf(text: string): ScanVerdict {
  let answer: { infected?: unknown; found?: unknown } | null = null;
  try {
    answer = JSON.parse(text);
  } catch {}
  if (answer?.infected === false) return { isClean: true };
  if (answer?.infected !== true) throw new ScanFailed('The scanner did not say whether the file is infected.');
  return { isClean: false, found: typeof answer.found === 'string' ? answer.found.slice(0, 200) : 'unnamed' };
}

import { errors } from '#contracts';
import type { ScanState } from '#database';
import type { MediaStorage } from '#storage';
import { ClamdScanner } from './clamd-scanner.js';
import { HttpScanner } from './http-scanner.js';
import { ScanFailed, type ScanVerdict, type VirusScanner } from './virus-scanner.js';

/** Which scanners there are, as the settings say it. */
export interface ScanSettings {
  clamav?: { host: string; port: number };
  url?: string;
  onFailure: 'block' | 'allow';
  received: boolean;
  timeoutSeconds: number;
}

/** Whether files are scanned here, by what, and what holds for those of which no scanner could say anything. */
export class MediaScans {
  constructor(
    private readonly scanners: readonly VirusScanner[],
    private readonly policy: { onFailure: 'block' | 'allow'; received: boolean },
  ) {}

  /** As the settings say; without a scanner nothing is scanned. */
  static open({ clamav, url, onFailure, received, timeoutSeconds }: ScanSettings): MediaScans {
    const timeoutMs = timeoutSeconds * 1000;
    const scanners: VirusScanner[] = [];
    if (clamav) scanners.push(new ClamdScanner({ ...clamav, timeoutMs }));
    if (url) scanners.push(new HttpScanner({ url, timeoutMs }));
    return new MediaScans(scanners, { onFailure, received });
  }

  /** Files that are uploaded or sent are scanned. */
  get isOn(): boolean {
    return this.scanners.length > 0;
  }

  /** Files of received messages are scanned too. */
  get isOnForReceived(): boolean {
    return this.isOn && this.policy.received;
  }

  /** All scanners have to find it clean. @throws ScanFailed, and what opening the file throws */
  async scan(storage: Pick<MediaStorage, 'open'>, storageKey: string): Promise<ScanVerdict> {
    for (const scanner of this.scanners) {
      const verdict = await scanner.scan(await storage.open(storageKey));
      if (!verdict.isClean) return verdict;
    }
    return { isClean: true };
  }

  /**
   * Scans a file that is about to be sent.
   * @throws errors.mediaInfected; mediaNotScanned when no scanner answers and such files are blocked
   */
  async assertClean(storage: Pick<MediaStorage, 'open'>, storageKey: string): Promise<ScanState> {
    if (!this.isOn) return null;
    try {
      const verdict = await this.scan(storage, storageKey);
      if (verdict.isClean) return 'clean';
      throw errors.mediaInfected({ details: { found: verdict.found } });
    } catch (failure) {
      if (!(failure instanceof ScanFailed)) throw failure;
      if (this.policy.onFailure === 'allow') return 'failed';
      throw errors.mediaNotScanned({ retryAfterSeconds: 10, cause: failure });
    }
  }

  /** Whether a stored file may be sent or given out. @throws errors.mediaInfected, mediaNotScanned */
  assertUsable(scan: ScanState): void {
    if (scan === 'infected') throw errors.mediaInfected();
    // Those that were to be scanned stay shut when the scanner is taken out of the settings.
    if (scan === 'pending' || (scan === 'failed' && this.policy.onFailure === 'block')) {
      throw errors.mediaNotScanned({ retryAfterSeconds: 5 });
    }
  }
}

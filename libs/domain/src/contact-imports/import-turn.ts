import { type ContactImportRow, type Database, renewContactImport } from '#database';

/** So long nobody else takes an import whose worker says nothing: it has died. */
export const CLAIM_SECONDS = 10;
const RENEW_MS = 3_000;
/** After so long another import has its turn, if one waits. */
const TURN_MS = 30_000;

/** Nobody waits for it any more, or another worker has it. */
export class NotWanted extends Error {}
/** Others wait, or the worker stops: the rest comes later. */
export class TurnOver extends Error {}

/** Keeps a claim while its worker reads and writes, and says when the turn is over. */
export class ImportTurn {
  private readonly begunAt = performance.now();
  private isLost = false;
  private othersWait = false;
  private readonly renewal: NodeJS.Timeout;

  constructor(
    db: Database,
    claim: ContactImportRow,
    private readonly isStopping: () => boolean,
  ) {
    this.renewal = setInterval(() => {
      renewContactImport(db, claim, CLAIM_SECONDS).then(
        (renewed) => {
          this.isLost ||= renewed === null;
          this.othersWait = renewed?.othersWait ?? false;
        },
        // The database is away; the next chunk finds out.
        () => undefined,
      );
    }, RENEW_MS);
  }

  /** @throws NotWanted, TurnOver */
  check(): void {
    if (this.isLost) throw new NotWanted();
    const isLong = this.othersWait && performance.now() - this.begunAt > TURN_MS;
    if (isLong || this.isStopping()) throw new TurnOver();
  }

  end(): void {
    clearInterval(this.renewal);
  }
}

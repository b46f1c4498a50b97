import { type Database, noteUse } from '#database';
import type { Logger } from '../platform/logger.js';

type Kind = 'session' | 'api-key';

interface Use {
  at: Date;
  ip: string | null;
}

/** How often what was noted is written. */
const WRITE_EVERY_MS = 5_000;
/** A credential is written at most this often: the time of its last use is for people, to the minute. */
const PER_CREDENTIAL_MS = 60_000;

/** Keeps the times at which credentials were last used: two statements every few seconds instead of one per request. */
export class LastUse {
  private readonly uses: Record<Kind, Map<string, Use>> = { session: new Map(), 'api-key': new Map() };
  private readonly written = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  note(kind: Kind, id: string, ip?: string): void {
    const at = new Date();
    if (at.getTime() - (this.written.get(id) ?? 0) >= PER_CREDENTIAL_MS)
      this.uses[kind].set(id, { at, ip: ip ?? null });
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    for (const [id, at] of this.written) if (Date.now() - at >= PER_CREDENTIAL_MS) this.written.delete(id);
    for (const kind of ['session', 'api-key'] as const) {
      const uses = [...this.uses[kind]].map(([id, use]) => ({ id, ...use }));
      if (uses.length === 0) continue;
      this.uses[kind].clear();
      for (const { id, at } of uses) this.written.set(id, at.getTime());
      // A time of last use that is lost is no loss: the next use notes it again.
      await noteUse(this.db, kind, uses).catch((err) => this.log.warn({ err }, 'last use of credentials not written'));
    }
  }
}

import { type Database, listUnsealedOrganizations } from '#database';
import type { AuditChain } from './audit-chain.js';
import type { Logger } from './logger.js';

/** The safety net for wake-ups that were lost. */
const POLL_MS = 15_000;

/** Puts new audit entries into their chains, moments after they were committed. Several may run: they wait in line. */
export class AuditSealer {
  private readonly waiting = new Set<string>();
  private looksAtAll = false;
  private running: Promise<void> | undefined;
  private stopListening: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly chain: AuditChain,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.stopListening = this.db.listen('audit', (organizationId) => this.expect(organizationId));
    this.timer = setInterval(() => this.expect(null), POLL_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.stopListening?.();
    clearInterval(this.timer);
    await this.running;
  }

  private expect(organizationId: string | null): void {
    if (this.stopped) return;
    if (organizationId === null) this.looksAtAll = true;
    else this.waiting.add(organizationId);
    this.running ??= this.work().finally(() => {
      this.running = undefined;
    });
  }

  private async work(): Promise<void> {
    while (!this.stopped && (this.looksAtAll || this.waiting.size > 0)) {
      try {
        if (this.looksAtAll) {
          this.looksAtAll = false;
          for (const id of await listUnsealedOrganizations(this.db)) this.waiting.add(id);
        }
        for (const id of this.waiting) {
          this.waiting.delete(id);
          await this.chain.seal(id);
        }
      } catch (error) {
        // The next poll finds what is left.
        this.log.warn({ err: error }, 'audit entries could not be sealed; tried again soon');
        return;
      }
    }
  }
}

import {
  appendEvents,
  claimErasure,
  type Database,
  type ErasureReport,
  type ErasureRow,
  finishErasure,
  noteErasure,
  postponeErasure,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';
import { ContactEraser, type EraserParts } from './contact-eraser.js';
import { erasureEvent } from './erasure-facts.js';
import { OrganizationEraser } from './organization-eraser.js';
import { ErasureImpossible, UserEraser } from './user-eraser.js';

/** A worker that says nothing for so long is taken for dead, and another goes on. */
const CLAIM_SECONDS = 90;
const MOST_ATTEMPTS = 10;

/** The worker is to stop: another goes on where it was. */
class Interrupted extends Error {}

/** Carries out erasures whose time has come, one after another. Several workers may run: each takes its own. */
export class ErasureRunner {
  private readonly contact: ContactEraser;
  private readonly user: UserEraser;
  private readonly organization: OrganizationEraser;

  constructor(
    parts: EraserParts,
    private readonly log: Logger,
  ) {
    this.db = parts.db;
    this.contact = new ContactEraser(parts);
    this.user = new UserEraser(parts);
    this.organization = new OrganizationEraser(parts);
  }

  private readonly db: Database;

  /** @param hasTime when it says no, the work ends after the present step */
  async runDue(hasTime: () => boolean): Promise<number> {
    let done = 0;
    while (hasTime()) {
      const erasure = await claimErasure(this.db, CLAIM_SECONDS);
      if (!erasure) break;
      if (await this.run(erasure, hasTime)) done += 1;
    }
    return done;
  }

  private async run(erasure: ErasureRow, hasTime: () => boolean): Promise<boolean> {
    const report: ErasureReport = structuredClone(erasure.report);
    const note = async (sofar: ErasureReport) => {
      await noteErasure(this.db, erasure.id, sofar, CLAIM_SECONDS);
      if (!hasTime()) throw new Interrupted();
    };
    try {
      if (erasure.kind === 'contact') await this.contact.run(erasure, report, note);
      else if (erasure.kind === 'user') await this.user.run(erasure, report, note);
      else if (!(await this.organization.run(erasure, report, note))) {
        await this.postpone(erasure, null, 2);
        return false;
      }
      await this.finish(erasure, report);
      this.log.info({ erasureId: erasure.id, kind: erasure.kind, ...report }, 'an erasure was carried out');
      return true;
    } catch (error) {
      if (error instanceof Interrupted) await this.postpone(erasure, null, 0);
      else if (error instanceof ErasureImpossible) await this.postpone(erasure, error.code, 0, 0);
      else {
        this.log.error({ err: error, erasureId: erasure.id }, 'an erasure failed; it is tried again');
        await this.postpone(erasure, 'internal_error', Math.min(600, 5 * 2 ** erasure.attempts));
      }
      return false;
    }
  }

  private async finish(erasure: ErasureRow, report: ErasureReport): Promise<void> {
    await this.db.system(async (tx) => {
      await finishErasure(tx, erasure.id, report);
      // Of an organization nothing may be written any more.
      if (erasure.kind === 'organization') return;
      const { organizationId, kind } = erasure;
      await recordAudit(
        tx,
        { kind: 'system', organizationId },
        {
          action: 'privacy.erasure_complete',
          resource: { type: 'erasure', id: erasure.id },
          after: { kind, ...report },
        },
      );
      const completed = { ...erasure, state: 'completed' as const, error: null };
      await appendEvents(tx, [erasureEvent('erasure.completed', completed, { kind: 'system' })]);
    });
  }

  private async postpone(
    erasure: ErasureRow,
    error: string | null,
    seconds: number,
    mostAttempts = MOST_ATTEMPTS,
  ): Promise<void> {
    await this.db.system(async (tx) => {
      const state = await postponeErasure(tx, erasure.id, { error, seconds, mostAttempts });
      if (state !== 'failed') return;
      await appendEvents(tx, [erasureEvent('erasure.failed', { ...erasure, state, error }, { kind: 'system' })]);
    });
  }
}

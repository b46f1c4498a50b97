import {
  countMembersBeside,
  type ErasureReport,
  type ErasureRow,
  type EventNaming,
  eraseUser,
  expireExportsOf,
  findUserTraces,
  type Tx,
} from '#database';

import { redactAudit } from './audit-redaction.js';
import { closeAccounts } from './close-accounts.js';
import { count, type EraserParts, type NoteStep, redactStream } from './contact-eraser.js';
import { redactedPayload } from './redact-payload.js';
import { removeUnnamedFiles } from './unnamed-files.js';

/**
 * Erases a member: account, sessions, keys, second factors, mails, exports, and the name in the audit trail. What they
 * did for the organization stays, under an id that leads to nobody.
 */
export class UserEraser {
  constructor(private readonly parts: EraserParts) {}

  async run(erasure: ErasureRow, report: ErasureReport, note: NoteStep): Promise<void> {
    const { db, storage, chain } = this.parts;
    const { organizationId } = erasure;
    const userId = erasure.userId!;
    const traces = await findUserTraces(db, organizationId, userId);
    if (traces) {
      await db.system(async (tx) => {
        await this.assertOwnerLeft(tx, organizationId, userId);
        await closeAccounts(tx, organizationId, [userId]);
      });
      await note(report);
    }
    const keys = await db.system((tx) => expireExportsOf(tx, organizationId, userId));
    report.files = (report.files ?? 0) + (await removeUnnamedFiles(db, storage, keys, 0));
    const texts = traces ? [traces.email] : [];
    const match = { userId, resourceIds: [userId], texts };
    count(report, 'redacted', 'audit_entries', await redactAudit(db, chain, organizationId, match, erasure.id));
    await note(report);
    if (!traces) return;
    const what = { conversationIds: [], texts: [userId, traces.email] };
    const redact = (event: EventNaming) => redactedPayload(event.payload, false, [], [traces.email, traces.name]);
    await redactStream(db, organizationId, what, redact, (rows) => {
      count(report, 'redacted', 'events', rows);
      return note(report);
    });
    const gone = await db.system((tx) => eraseUser(tx, organizationId, traces));
    for (const [table, rows] of Object.entries(gone)) count(report, 'removed', table, rows);
  }

  /** The roles may have changed in the grace period. */
  private async assertOwnerLeft(tx: Tx, organizationId: string, userId: string): Promise<void> {
    const { members, owners } = await countMembersBeside(tx, organizationId, userId);
    if (members > 0 && owners === 0) throw new ErasureImpossible('last_owner');
  }
}

/** What was asked for is not possible (any more); the code says why. */
export class ErasureImpossible extends Error {
  constructor(readonly code: 'last_owner' | 'members_joined') {
    super(`The erasure is not possible: ${code}.`);
  }
}

import {
  countMembersBeside,
  deleteProfileSlowly,
  type ErasureReport,
  type ErasureRow,
  eraseOrganizationRows,
  eraseStream,
  hasTenantRows,
  listMemberIds,
  listOrganizationProfiles,
  listStreams,
  lockLease,
  revokeLease,
  setDesiredState,
  takeMediaOf,
} from '#database';
import { closeAccounts } from './close-accounts.js';
import { count, type EraserParts, type NoteStep } from './contact-eraser.js';
import { removeUnnamedFiles } from './unnamed-files.js';
import { ErasureImpossible } from './user-eraser.js';

/** How long engines get to tell WhatsApp that the linked devices are gone. */
const LOGOUT_MS = 60_000;
const AT_ONCE = 2000;

/**
 * Erases a whole organization: its numbers are unlinked, then everything that is theirs goes, table by table, in steps of
 * bounded size. Each step may run again; the end is when no table has a row of it.
 */
export class OrganizationEraser {
  constructor(private readonly parts: EraserParts) {}

  /** @returns false while engines still have to unlink numbers: ask again in a few seconds */
  async run(erasure: ErasureRow, report: ErasureReport, note: NoteStep): Promise<boolean> {
    const { db } = this.parts;
    const { organizationId } = erasure;
    await db.system(async (tx) => {
      const { members } = await countMembersBeside(tx, organizationId, erasure.requestedBy);
      if (members > 0) throw new ErasureImpossible('members_joined');
      await closeAccounts(tx, organizationId, await listMemberIds(tx, organizationId));
    });
    if (!(await this.unlink(erasure))) return false;
    for (const { id } of await listOrganizationProfiles(db, organizationId)) {
      for (let isGone = false; !isGone; ) {
        const step = await db.system(async (tx) => {
          // The lease first: every transaction of an owner begins with it.
          if (await lockLease(tx, id)) await revokeLease(tx, id);
          return deleteProfileSlowly(tx, id, AT_ONCE);
        });
        for (const [table, rows] of Object.entries(step.removed)) count(report, 'removed', table, rows);
        isGone = step.isGone;
        await note(report);
      }
    }
    await this.eraseFiles(organizationId, report, note);
    for (const streamId of await listStreams(db, organizationId)) {
      for (let rows = AT_ONCE; rows === AT_ONCE; ) {
        rows = await db.system((tx) => eraseStream(tx, streamId, AT_ONCE));
        count(report, 'removed', 'events', rows);
        await note(report);
      }
    }
    // Tables point at each other, so that some go only after others; each round takes what can go.
    while (await hasTenantRows(db, organizationId)) {
      const removed = await eraseOrganizationRows(db, organizationId, AT_ONCE);
      const sum = Object.values(removed).reduce((all, rows) => all + rows, 0);
      if (sum === 0) throw new Error('Rows of the organization are left that could not be removed.');
      for (const [table, rows] of Object.entries(removed)) count(report, 'removed', table, rows);
      await note(report);
    }
    return true;
  }

  private async unlink({ organizationId, dueAt }: ErasureRow): Promise<boolean> {
    const { db } = this.parts;
    const linked = (await listOrganizationProfiles(db, organizationId)).filter((profile) => profile.isLinked);
    for (const { id } of linked) {
      await db.system(async (tx) => {
        if ((await lockLease(tx, id)) && (await setDesiredState(tx, id, 'logged_out'))) tx.wake('profiles', id);
      });
    }
    return linked.length === 0 || Date.now() - dueAt.getTime() > LOGOUT_MS;
  }

  private async eraseFiles(organizationId: string, report: ErasureReport, note: NoteStep): Promise<void> {
    const { db, storage } = this.parts;
    for (let keys = [''], first = true; first || keys.length > 0; first = false) {
      keys = await db.system((tx) => takeMediaOf(tx, organizationId, 200));
      count(report, 'removed', 'media_objects', keys.length);
      report.files = (report.files ?? 0) + (await removeUnnamedFiles(db, storage, [...new Set(keys)]));
      await note(report);
    }
  }
}

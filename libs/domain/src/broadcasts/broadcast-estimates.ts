import { type Actor, type BroadcastCounts, type BroadcastId, errors } from '#contracts';
import {
  type BroadcastRow,
  type Database,
  excludeWithoutValues,
  findSendPolicy,
  listSenders,
  type Tx,
} from '#database';
import type { SendableContent } from '#engine';
import type { MediaStorage } from '#storage';
import { policyOf, stateOf } from '../governor/governor-row.js';
import { freshState, stateAt } from '../governor/governor-state.js';
import { TableUnreadable } from '../tabular/table.js';
import { RECIPIENTS_AT_ONCE, writePiece } from './audience-writer.js';
import { type Course, type CourseSender, courseOf } from './broadcast-course.js';
import { figuresOf, type ReasonCount } from './broadcast-figures.js';
import type { BroadcastPreparer } from './broadcast-preparer.js';
import { neededBy } from './broadcast-words.js';
import { assertState, changedMeanwhile, getBroadcast } from './broadcasts.js';
import { FilePieces } from './file-pieces.js';

/** What a broadcast would do if it started now, or at its time. */
export interface BroadcastEstimate extends Course {
  counts: BroadcastCounts;
  exclusions: ReasonCount[];
  /** False: only the first hundred thousand were looked at, and the figures are of those. */
  isWhole: boolean;
}

/** Recipients that are looked at. */
const MOST_LOOKED_AT = 100_000;

/** Carries the figures out of the transaction that must not be kept. */
class DryRun extends Error {
  constructor(readonly estimate: BroadcastEstimate) {
    super('The transaction of an estimate is rolled back.');
  }
}

/**
 * Estimates a broadcast by doing what its start does: the audience is written down in a transaction, counted, and the
 * transaction is undone. So an estimate leaves out whom the broadcast leaves out when it begins, and besides whoever has no
 * value now for a variable that the text needs. What turns out later is not in it: texts are filled in when each is sent, and
 * only then it is seen whether one is too long, or empty.
 */
export class BroadcastEstimates {
  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
    private readonly preparer: Pick<BroadcastPreparer, 'words'>,
  ) {}

  /** @throws notFound (also a template), broadcastState (it was started), importUnreadable (a file) */
  async estimate(actor: Actor, id: BroadcastId): Promise<BroadcastEstimate> {
    const seen = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    assertState(seen, ['draft', 'scheduled']);
    const contents = seen.prepared?.map(({ content }) => content) ?? (await this.preparer.words(actor, seen.variants));
    const files = new FilePieces(this.storage, RECIPIENTS_AT_ONCE);
    try {
      return await this.db.tenant(actor, async (tx) => {
        const row = await getBroadcast(tx, actor, id, 'lock');
        assertState(row, ['draft', 'scheduled']);
        if (row.updatedAt.getTime() !== seen.updatedAt.getTime()) throw changedMeanwhile();
        const isWhole = await writeAll(tx, row, files);
        await leaveOutWithoutValues(tx, row, contents);
        const { counts, exclusions } = (await figuresOf(tx, [id])).get(id)!;
        const now = new Date();
        const from = row.scheduledAt !== null && row.scheduledAt > now ? row.scheduledAt : now;
        const senders = await sendersOf(tx, row);
        const course = courseOf(counts.total, senders, row.settings, row.timeZone, from);
        throw new DryRun({ counts, exclusions, isWhole, ...course });
      });
    } catch (outcome) {
      if (outcome instanceof DryRun) return outcome.estimate;
      if (!(outcome instanceof TableUnreadable)) throw outcome;
      throw errors.importUnreadable({ message: outcome.message, cause: outcome });
    } finally {
      await files.close();
    }
  }
}

/** @returns whether that was the whole audience */
async function writeAll(tx: Tx, row: BroadcastRow, files: FilePieces): Promise<boolean> {
  let at = row;
  while (at.expandPart < at.audience.length) {
    if (at.written >= MOST_LOOKED_AT) return false;
    const { count, after } = await writePiece(tx, at, files);
    const expandPart = after === null ? at.expandPart + 1 : at.expandPart;
    at = { ...at, written: at.written + count, expandPart, expandAfter: after };
  }
  return true;
}

/** All that are written down, in one statement for each variant that needs values. */
async function leaveOutWithoutValues(tx: Tx, row: BroadcastRow, contents: readonly SendableContent[]): Promise<void> {
  const senders = (await listSenders(tx, [row.id])).map(({ profileId }) => profileId);
  const { variables = {} } = row.settings;
  for (const [variant, content] of contents.entries()) {
    const needed = neededBy(content);
    if (needed.length === 0) continue;
    const given = needed.filter((name) => (variables[name] ?? null) !== null);
    await excludeWithoutValues(tx, { broadcastId: row.id, senders }, { variant, needed, given });
  }
}

async function sendersOf(tx: Tx, { id, organizationId }: BroadcastRow): Promise<CourseSender[]> {
  const senders: CourseSender[] = [];
  for (const { profileId } of await listSenders(tx, [id])) {
    const row = await findSendPolicy(tx, organizationId, profileId);
    if (!row) continue;
    const policy = policyOf(row);
    const now = row.at.getTime();
    const { sent, unsolicited } = row.governor ? stateAt(stateOf(row.governor), policy, now) : freshState(policy, now);
    senders.push({ policy, usedToday: { sent, unsolicited } });
  }
  return senders;
}

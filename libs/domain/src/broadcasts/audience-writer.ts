import { type BroadcastId, importLimits, newId } from '#contracts';
import {
  type AudienceOf,
  addContactRecipients,
  addGivenRecipients,
  addMemberRecipients,
  appendEvents,
  type BroadcastRow,
  type Database,
  expandsInMs,
  findBroadcast,
  findPartlyKnownGroups,
  keepExpanding,
  listSenders,
  lockExpanding,
  noteExpanded,
  noteFileRows,
  readGroupIds,
  type Tx,
} from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import type { Turn } from '../platform/work-loop.js';
import { TableUnreadable } from '../tabular/table.js';
import { filesOf } from './audience-files.js';
import { contactsOf, givenGroups, givenOf, isListed } from './audience-parts.js';
import { broadcastEvent } from './broadcasts.js';
import { FilePieces } from './file-pieces.js';
import { rest } from './waiting-messages.js';

/**
 * Recipients that are written in one transaction. Few enough that it takes well below a second, for so long nobody can pause
 * the broadcast, and that they are garbage again before they are old: the more at once, the more the worker grows.
 */
export const RECIPIENTS_AT_ONCE = 2_000;
/** While a file is counted others are told so often that somebody is at it. */
const KEEP_EVERY_MS = 5_000;
/** When somebody else has the broadcast in hand. */
const A_MOMENT_MS = 50;

class TooManyLines extends Error {}

/**
 * Writes the audiences of started broadcasts down: every recipient, and everybody who is left out with the reason. Piece by
 * piece, each with the place that was reached in one transaction; so it may die at any moment, and others go on from there
 * to the same end. Lines of files are counted first: of a file that is damaged at its end nobody gets anything.
 */
export class AudienceWriter {
  private readonly writerId = newId<string>();
  private readonly files: FilePieces;

  constructor(
    private readonly db: Database,
    storage: MediaStorage,
  ) {
    this.files = new FilePieces(storage, RECIPIENTS_AT_ONCE);
  }

  /** Writes one piece of one audience. */
  async writeOnce(): Promise<Turn> {
    const at: { broadcast?: BroadcastRow } = {};
    try {
      const before = await this.db.system(async (tx) => {
        at.broadcast = (await lockExpanding(tx, this.writerId)) ?? undefined;
        if (!at.broadcast) return null;
        const reading = this.readingBefore(at.broadcast);
        if (reading) await keepExpanding(tx, at.broadcast.id, this.writerId);
        else await this.writePiece(tx, at.broadcast);
        return reading;
      });
      await before?.();
    } catch (failure) {
      await this.files.close();
      const reason = reasonOf(failure);
      if (!at.broadcast || reason === null) throw failure;
      await this.fail(at.broadcast, reason);
    }
    return at.broadcast ? 'more' : this.rest();
  }

  /** Files that are open are closed. */
  stop(): Promise<void> {
    return this.files.close();
  }

  /** The feeder and the teller of figures have the same rows in hand for moments; the files stay open over those. */
  private async rest(): Promise<Turn> {
    const inMs = await expandsInMs(this.db, this.writerId);
    if (inMs !== 0) await this.files.close();
    return inMs === null ? 'nothing' : Math.max(A_MOMENT_MS, inMs);
  }

  private async writePiece(tx: Tx, broadcast: BroadcastRow): Promise<void> {
    const { id, audience, expandPart } = broadcast;
    const piece = await writePiece(tx, broadcast, this.files);
    const part = piece.after === null ? expandPart + 1 : expandPart;
    const isWhole = part >= audience.length;
    const reached = { part, after: piece.after, isWhole, added: piece.count, writerId: this.writerId };
    await noteExpanded(tx, id, reached);
    // In between the feeder looks by itself, every second.
    if (isWhole || broadcast.written === 0) tx.wake('broadcasts', id);
  }

  /** What has to be read of files before the next piece can be written; outside of a transaction, since it takes seconds. */
  private readingBefore(broadcast: BroadcastRow): (() => Promise<void>) | null {
    const { audience, expandPart, expandAfter, fileRows } = broadcast;
    if (fileRows === null && filesOf(audience).length > 0) return () => this.count(broadcast);
    const part = audience[expandPart];
    const from = Number(expandAfter ?? 0);
    if (part?.type !== 'file' || this.files.isNear(broadcast, part.value, from)) return null;
    return async () => {
      const table = await this.db.system((tx) => this.files.open(tx, broadcast, part.value));
      await this.files.seek(table, broadcast, part.value, from, this.keeping(broadcast));
    };
  }

  /** To be called while files are read: others are told now and then that somebody is at it. */
  private keeping({ id }: BroadcastRow): () => Promise<void> {
    let keptAt = performance.now();
    return async () => {
      if (performance.now() - keptAt < KEEP_EVERY_MS) return;
      keptAt = performance.now();
      await this.db.system((tx) => keepExpanding(tx, id, this.writerId));
    };
  }

  private async count(broadcast: BroadcastRow): Promise<void> {
    let lines = 0;
    const onRead = this.keeping(broadcast);
    for (const file of filesOf(broadcast.audience)) {
      const count = await this.db
        .system((tx) => this.files.open(tx, broadcast, file))
        .then((table) => this.files.count(table, importLimits.rows, onRead));
      if (count > importLimits.rows) throw new TooManyLines();
      lines += count;
    }
    await this.db.system((tx) => noteFileRows(tx, broadcast.id, lines));
  }

  private async fail({ id, organizationId }: BroadcastRow, reason: string): Promise<void> {
    await this.db.system(async (tx) => {
      const row = await findBroadcast(tx, organizationId, id as BroadcastId, 'lock');
      if (row?.state !== 'running' && row?.state !== 'paused') return;
      const failed = await rest(tx, row.id, { state: 'failed', stateReason: reason });
      await appendEvents(tx, [broadcastEvent(failed, 'broadcast.failed', { kind: 'system' })]);
    });
  }
}

/** Of what no other try will mend; null for everything else. */
function reasonOf(failure: unknown): string | null {
  if (failure instanceof TableUnreadable) return 'file_unreadable';
  if (failure instanceof TooManyLines) return 'file_too_long';
  if (failure instanceof MediaMissing) return 'file_gone';
  return null;
}

async function audienceOf(tx: Tx, { id, organizationId, variants, written }: BroadcastRow): Promise<AudienceOf> {
  const senders = (await listSenders(tx, [id])).map((sender) => sender.profileId);
  const bounds: number[] = [];
  let shares = 0;
  for (const { share } of variants) {
    shares += share;
    bounds.push(shares);
  }
  return { broadcastId: id, organizationId, senders, bounds: bounds.slice(0, -1), shares, position: written };
}

/** Writes one piece of the present part of an audience. @returns where it ended; null: at the end of the part */
export async function writePiece(
  tx: Tx,
  broadcast: BroadcastRow,
  files: FilePieces,
): Promise<{ count: number; after: string | null }> {
  const { audience, expandPart, expandAfter, organizationId } = broadcast;
  const of = await audienceOf(tx, broadcast);
  const part = audience[expandPart];
  if (part === undefined) return { count: 0, after: null };
  if (isListed(part)) {
    const from = Number(expandAfter ?? 0);
    const count = await addGivenRecipients(tx, of, givenOf(part, from, RECIPIENTS_AT_ONCE));
    const reached = from + RECIPIENTS_AT_ONCE;
    return { count, after: reached < part.value.length ? String(reached) : null };
  }
  if (part.type === 'file') {
    const piece = await files.take(tx, broadcast, part.value, Number(expandAfter ?? 0));
    const count = await addGivenRecipients(tx, of, piece.recipients);
    return { count, after: piece.isLast ? null : String(piece.reached) };
  }
  if (part.type === 'groups') {
    const waIds = await readGroupIds(tx, organizationId, part.value);
    return { count: await addGivenRecipients(tx, of, givenGroups(waIds.map((waId) => ({ waId })))), after: null };
  }
  const page = { after: expandAfter, limit: RECIPIENTS_AT_ONCE };
  if (part.type === 'members' && expandAfter === null) {
    // Whoever cannot be listed is told as the group.
    const groups = await findPartlyKnownGroups(tx, of, part.value);
    const told = await addGivenRecipients(tx, of, givenGroups(groups));
    const { count, last } = await addMemberRecipients(tx, { ...of, position: of.position + told }, part.value, page);
    return { count: told + count, after: count < RECIPIENTS_AT_ONCE ? null : last };
  }
  const { count, last } =
    part.type === 'members'
      ? await addMemberRecipients(tx, of, part.value, page)
      : await addContactRecipients(tx, of, await contactsOf(tx, part, broadcast), page);
  return { count, after: count < RECIPIENTS_AT_ONCE ? null : last };
}

import type { AudienceFile, BroadcastId, OrganizationId } from '#contracts';
import { findMediaObject, type Tx } from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import { openTable } from '../tabular/open-table.js';
import type { Table } from '../tabular/table.js';
import { storedFile } from '../tabular/table-files.js';
import { FileRecipients } from './file-recipients.js';

/** Some lines of a file, from a place on. */
export interface FilePiece {
  recipients: FileRecipients;
  /** So many lines are read by then. */
  reached: number;
  isLast: boolean;
}

type Owner = { id: BroadcastId; organizationId: OrganizationId };

/**
 * Reads the files of audiences piece by piece. The file stays open between two pieces, and the next one is read while the
 * one before is written; whoever begins in the middle reads over what comes before. Memory: two pieces.
 */
export class FilePieces {
  private at: { key: string; position: number; pieces: AsyncGenerator<FilePiece>; next: Promise<Read> } | undefined;

  constructor(
    private readonly storage: MediaStorage,
    private readonly atOnce: number,
  ) {}

  /** Whether the lines that follow so many are at hand, or soon: nothing has to be read over for them. */
  isNear(owner: Owner, file: AudienceFile, from: number): boolean {
    return from === 0 || this.isAt(owner, file, from);
  }

  private isAt(owner: Owner, file: AudienceFile, from: number): boolean {
    return this.at?.key === keyOf(owner, file) && this.at.position === from;
  }

  private begin(table: Table, owner: Owner, file: AudienceFile, from: number, onSkipped?: () => Promise<void>) {
    const pieces = piecesOf(table, file, from, this.atOnce, onSkipped);
    return { key: keyOf(owner, file), position: from, pieces, next: read(pieces) };
  }

  /**
   * Opens a file and reads over so many lines, which takes seconds. `onSkipped` is called now and then meanwhile. What fails is
   * told to whoever takes the lines.
   */
  async seek(
    table: Table,
    owner: Owner,
    file: AudienceFile,
    from: number,
    onSkipped: () => Promise<void>,
  ): Promise<void> {
    await this.close();
    this.at = this.begin(table, owner, file, from, onSkipped);
    await this.at.next;
  }

  /** The lines that follow so many. @throws TableUnreadable, MediaMissing */
  async take(tx: Tx, owner: Owner, file: AudienceFile, from: number): Promise<FilePiece> {
    if (!this.at || !this.isAt(owner, file, from)) {
      await this.close();
      this.at = this.begin(await this.open(tx, owner, file), owner, file, from);
    }
    const { key, pieces, next } = this.at;
    const taken = await next;
    if ('failure' in taken) {
      await this.close();
      throw taken.failure;
    }
    const { piece } = taken;
    if (piece.isLast) await this.close();
    else this.at = { key, position: piece.reached, pieces, next: read(pieces) };
    return piece;
  }

  /** Counts the lines of an opened file; ends after more than `most`. @throws TableUnreadable */
  async count(table: Table, most: number, onRead: () => Promise<void>): Promise<number> {
    let lines = 0;
    for await (const count of table.counts) {
      lines += count;
      if (lines > most) break;
      await onRead();
    }
    return lines;
  }

  /** Nobody takes any more. */
  async close(): Promise<void> {
    const { at } = this;
    this.at = undefined;
    await at?.next;
    await at?.pieces.return(undefined);
  }

  /** @throws TableUnreadable, MediaMissing */
  async open(tx: Pick<Tx, 'query'>, { organizationId }: Owner, file: AudienceFile): Promise<Table> {
    const stored = await findMediaObject(tx, file.mediaId, organizationId);
    if (!stored || stored.sizeBytes === null) throw new MediaMissing(file.mediaId);
    const { storageKey, sizeBytes } = stored;
    return openTable(storedFile(this.storage, { storageKey, sizeBytes }), {
      encoding: file.encoding ?? undefined,
      delimiter: file.delimiter ?? undefined,
      hasTitles: file.columns.some(({ title }) => title !== null),
    });
  }
}

type Read = { piece: FilePiece } | { failure: unknown };

/** Whoever waits for it later hears of a failure then. */
function read(pieces: AsyncGenerator<FilePiece>): Promise<Read> {
  return pieces.next().then(
    ({ value }) => ({ piece: value as FilePiece }),
    (failure: unknown) => ({ failure }),
  );
}

const keyOf = (owner: Owner, file: AudienceFile) => `${owner.id} ${file.mediaId}`;

async function* piecesOf(
  table: Table,
  file: AudienceFile,
  from: number,
  atOnce: number,
  onSkipped?: () => Promise<void>,
): AsyncGenerator<FilePiece> {
  let position = 0;
  let recipients = new FileRecipients(file);
  for await (const batch of table.batches) {
    if (position < from) await onSkipped?.();
    for (const row of batch) {
      position += 1;
      if (position <= from) continue;
      recipients.add(row);
      if (recipients.count < atOnce) continue;
      yield { recipients, reached: position, isLast: false };
      recipients = new FileRecipients(file);
    }
  }
  yield { recipients, reached: position, isLast: true };
}

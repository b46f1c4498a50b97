import type { Readable } from 'node:stream';
import type { OrganizationId } from '#contracts';

/** What storage knows of a file after it was written. */
export interface StoredMedia {
  /** Where storage keeps it; opaque to everyone else. */
  storageKey: string;
  sizeBytes: number;
  /** Lower-case hex SHA-256 of the bytes. */
  sha256: string;
}

/** A part of a file, both ends included, as in an HTTP range. Without `end`: up to the last byte. */
export interface ByteRange {
  start: number;
  end?: number;
}

/** How a file may be written. */
export interface MediaWrite {
  /** Most bytes that are taken. */
  maxBytes: number;
  /** How many are likely to come, when that is known: a place without room for them refuses at once. */
  expectedBytes?: number;
  /** Whose file it is; a storage of several places chooses by it. */
  organizationId?: OrganizationId;
}

/**
 * Keeps media files. Streams in and out, so that memory does not grow with a file. The abstract class is the type and
 * the injection token at once.
 *
 * To add a place to keep files: extend this class, and run `media-storage.conformance.ts` against it.
 */
export abstract class MediaStorage {
  /**
   * Keeps the whole stream under a key made from its content: the same bytes give the same key. When it resolves the
   * file survives a power cut; when it rejects, also because the stream failed, nothing is left behind.
   * @throws MediaOverLimit as soon as more than `maxBytes` have come; the source stream is destroyed then.
   */
  abstract write(stream: Readable, limits: MediaWrite): Promise<StoredMedia>;

  /**
   * Keeps the whole stream under a key of its own, whatever its content: nobody else ever names it, so that its writer may
   * remove it at any time. For parts of files that are still on their way. Otherwise like `write`.
   */
  abstract writeApart(stream: Readable, limits: MediaWrite): Promise<StoredMedia>;

  /**
   * Opens a file, or a part of it. Resolves when the file is there and readable.
   * @throws MediaMissing when there is no such file.
   */
  abstract open(storageKey: string, range?: ByteRange): Promise<Readable>;

  /**
   * Removes a file; one that is not there counts as removed. Content is shared by key: callers delete only what no
   * row names any more.
   */
  abstract delete(storageKey: string): Promise<void>;

  /**
   * When these bytes were last written, null when they are not there. Writing bytes that are there already counts: who
   * removes unnamed files spares those written lately, because their row may be about to be committed.
   */
  abstract writtenAt(storageKey: string): Promise<Date | null>;

  /** Every file that is kept, in no order; one that comes or goes meanwhile may be in it or not. */
  abstract list(): AsyncGenerator<ListedMedia>;
}

/** A file as a listing shows it. */
export interface ListedMedia {
  storageKey: string;
  writtenAt: Date;
}

/** The stream had more bytes than the caller allowed. */
export class MediaOverLimit extends Error {
  constructor(readonly maxBytes: number) {
    super(`The media has more than ${maxBytes} bytes.`);
    this.name = 'MediaOverLimit';
  }
}

/** The storage has no file under this key. */
export class MediaMissing extends Error {
  constructor(readonly storageKey: string) {
    super(`There is no media under ${storageKey}.`);
    this.name = 'MediaMissing';
  }
}

import type { Readable } from 'node:stream';
import { CatalogueError, errors, type OrganizationId } from '#contracts';
import { MediaOverLimit, type MediaStorage, type StoredMedia } from '#storage';
import { largestInput } from '../media/largest-input.js';
import { sniff } from '../media/media-type.js';
import { type TakenAs, takenAs } from './upload-policy.js';

/** A file as somebody gives it, or as it was put together of its parts. */
export interface GivenFile {
  stream: Readable;
  fileName?: string;
  /** Believed only where the content does not tell. */
  claimedType?: string;
  /** It is kept as a document, whatever it is. */
  asDocument: boolean;
  /** Of uploads of the organization. */
  maxBytes: number;
  expectedBytes?: number;
}

/** A file that is in storage. Its row is still to be written. */
export type TakenFile = StoredMedia & TakenAs;

/** Takes files to be sent later: looks at what they are, and puts them into storage as they are. */
export class FileTaker {
  constructor(private readonly storage: MediaStorage) {}

  /**
   * Nothing is in the database yet: when no row follows, the sweeper removes the file.
   * @throws errors.mediaTypeInvalid, mediaTooLarge, overloaded (storage is full), and what the stream fails with
   */
  async take(organizationId: OrganizationId, given: GivenFile): Promise<TakenFile> {
    const { stream, fileName, claimedType, asDocument } = given;
    try {
      const { mimeType, extension, isText, isEmpty, start, stream: whole } = await sniff(stream);
      if (isEmpty) throw errors.mediaTypeInvalid({ message: 'The file is empty.', details: { detected: null } });
      const detected = mimeType === null ? null : { mime: mimeType, ext: extension ?? 'bin' };
      const as = takenAs({ detected, isText, start, fileName, claimedType, asDocument });
      const maxBytes = Math.min(given.maxBytes, largestInput(as.kind));
      if ((given.expectedBytes ?? 0) > maxBytes) throw tooLarge(as, maxBytes);
      try {
        const limits = { maxBytes, expectedBytes: given.expectedBytes, organizationId };
        return { ...(await this.storage.write(whole, limits)), ...as };
      } catch (failure) {
        throw failure instanceof MediaOverLimit ? tooLarge(as, maxBytes) : failure;
      }
    } catch (failure) {
      stream.destroy();
      throw storageProblem(failure);
    }
  }
}

function tooLarge({ kind }: TakenAs, maxBytes: number): CatalogueError {
  const asDocument = kind === 'document' ? '' : ' Upload it as a document (`as=document`), if it is to go as one.';
  return errors.mediaTooLarge({
    message: `The file is larger than ${maxBytes} bytes, the most that is taken as ${kind}.${asDocument}`,
    details: { kind, maxBytes },
  });
}

/** A full disk in words; everything else as it is. */
export function storageProblem(failure: unknown): unknown {
  const { code } = failure as NodeJS.ErrnoException;
  if (failure instanceof CatalogueError || (code !== 'ENOSPC' && code !== 'EDQUOT')) return failure;
  return errors.overloaded({
    message: 'The media storage is full. Tell the operator; nothing was accepted.',
    retryAfterSeconds: 60,
    cause: failure,
  });
}

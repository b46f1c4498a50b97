import { type Actor, type AudienceFile, type AudiencePart, errors, newId, type UploadId } from '#contracts';
import { insertMediaObjects, type MediaRow, type Tx } from '#database';
import type { MediaStorage } from '#storage';
import { looksLikeTitles } from '../contact-imports/column-mapping.js';
import { openTable } from '../tabular/open-table.js';
import { type Table, type TableFile, TableUnreadable } from '../tabular/table.js';
import { storedFile } from '../tabular/table-files.js';
import type { KnownFiles } from '../uploads/known-files.js';
import { holdNamed } from '../uploads/upload-scope.js';
import { type ColumnsWanted, readColumns } from './audience-columns.js';

/** A file of recipients as a caller names it. */
export interface AudienceFileGiven {
  uploadId: UploadId;
  columns: ColumnsWanted;
  defaultCountry: string | null;
  encoding: string | null;
  delimiter: string | null;
  /** Null: looking at the first line decides. */
  hasTitles: boolean | null;
  /** Where it stands in the request. */
  path: string;
}

/** A part of an audience as a caller names it. */
export type AudienceGiven = Exclude<AudiencePart, { type: 'file' }> | { type: 'file'; given: AudienceFileGiven };

/** An audience, and the rows of its files that are still to be written. */
export interface TakenAudience {
  audience: AudiencePart[];
  files: (MediaRow & { uploadId: UploadId })[];
}

/** Takes uploaded files as the audience of broadcasts: looks at their beginning, and keeps them from being removed. */
export class AudienceFiles {
  constructor(
    private readonly known: Pick<KnownFiles, 'ofUpload'>,
    private readonly storage: MediaStorage,
  ) {}

  /**
   * @throws notFound (the upload), uploadNotComplete, mediaNotAvailable, mediaInfected, mediaNotScanned, importUnreadable;
   * validation for what the columns are
   */
  async take(actor: Actor, parts: readonly AudienceGiven[]): Promise<TakenAudience> {
    const taken: TakenAudience = { audience: [], files: [] };
    for (const part of parts) {
      if (part.type !== 'file') {
        taken.audience.push(part);
        continue;
      }
      const { uploadId } = part.given;
      const { stored, mimeType, fileName, scan } = await this.known.ofUpload(actor, uploadId);
      const id = newId<string>();
      const looked = await lookAt(storedFile(this.storage, stored), part.given);
      taken.audience.push({ type: 'file', value: { uploadId, mediaId: id, fileName, ...looked } });
      taken.files.push({ ...stored, id, mimeType, fileName, scan, uploadId });
    }
    return taken;
  }
}

/** Writes the rows of the files, in the transaction of the broadcast that names them. @throws notFound */
export async function keepFiles(tx: Tx, actor: Actor, { files }: TakenAudience): Promise<void> {
  if (files.length === 0) return;
  await holdNamed(tx, actor.organizationId, files);
  await insertMediaObjects(tx, actor.organizationId, files);
}

/** The rows of files that an audience names. */
export function filesOf(audience: readonly AudiencePart[]): AudienceFile[] {
  return audience.flatMap((part) => (part.type === 'file' ? [part.value] : []));
}

async function lookAt(
  file: TableFile,
  given: AudienceFileGiven,
): Promise<Omit<AudienceFile, 'uploadId' | 'mediaId' | 'fileName'>> {
  const { defaultCountry, encoding, delimiter, hasTitles, columns: wanted, path } = given;
  try {
    const table = await openTable(file, {
      encoding: encoding ?? undefined,
      delimiter: delimiter ?? undefined,
      hasTitles: hasTitles ?? undefined,
      isTitles: (cells) => looksLikeTitles(cells, wanted),
    });
    const width = await widthOf(table);
    if (width === 0) throw new TableUnreadable('The file has no lines with recipients.');
    const at = { width: table.columns.length > 0 ? 0 : width, path: `${path}.columns` };
    const columns = readColumns(table.columns, wanted, at);
    return { format: table.format, columns, defaultCountry, encoding, delimiter };
  } catch (failure) {
    if (!(failure instanceof TableUnreadable)) throw failure;
    const fields = [{ path: `${path}.uploadId`, message: failure.message }];
    throw errors.importUnreadable({ message: failure.message, fields, cause: failure });
  }
}

/** Of the first line; closes the file. */
async function widthOf(table: Table): Promise<number> {
  for await (const batch of table.batches) return Math.max(1, batch[0]?.cells.length ?? 0);
  return 0;
}

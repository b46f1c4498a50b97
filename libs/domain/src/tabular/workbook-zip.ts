import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl';
import { type TableFile, TableUnreadable } from './table.js';

/** Most parts of a workbook: sheets, pictures, notes. */
const MOST_PARTS = 10_000;
/** To what a workbook may unfold. What it says of its sizes is not believed: what comes out is counted. */
const MOST_UNFOLDED_BYTES = 1024 ** 3;

/** The parts of a workbook, read where they lie in the file, without unpacking it anywhere. */
export class WorkbookZip {
  private unfolded = 0;

  private constructor(
    private readonly zip: ZipFile,
    private readonly parts: Map<string, Entry>,
  ) {}

  /** @throws TableUnreadable */
  static async open(file: TableFile): Promise<WorkbookZip> {
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      const options = { lazyEntries: true, autoClose: false };
      fromRandomAccessReader(new FileReader(file), file.sizeBytes, options, (error, opened) =>
        error ? reject(damaged(error)) : resolve(opened),
      );
    });
    const parts = new Map<string, Entry>();
    await new Promise<void>((resolve, reject) => {
      zip.on('error', (error) => reject(damaged(error)));
      zip.on('end', resolve);
      zip.on('entry', (entry: Entry) => {
        if (parts.size >= MOST_PARTS) return reject(new TableUnreadable('The workbook has too many parts.'));
        parts.set(entry.fileName.toLowerCase(), entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
    return new WorkbookZip(zip, parts);
  }

  has(path: string): boolean {
    return this.parts.has(path.toLowerCase());
  }

  /** The text of a part, piece by piece. @throws TableUnreadable when it is damaged, or unfolds to too much */
  async *text(path: string): AsyncGenerator<string> {
    const entry = this.parts.get(path.toLowerCase());
    if (!entry) throw new TableUnreadable(`The workbook has no part ${path}.`);
    const stream = await new Promise<Readable>((resolve, reject) =>
      this.zip.openReadStream(entry, (error, opened) => (error ? reject(damaged(error)) : resolve(opened))),
    );
    const decoder = new TextDecoder();
    try {
      for await (const chunk of stream) {
        this.unfolded += (chunk as Buffer).length;
        if (this.unfolded > MOST_UNFOLDED_BYTES) throw new TableUnreadable('The workbook unfolds to more than 1 GB.');
        yield decoder.decode(chunk as Buffer, { stream: true });
      }
    } catch (error) {
      throw error instanceof TableUnreadable ? error : damaged(error);
    } finally {
      stream.destroy();
    }
  }

  close(): void {
    this.zip.close();
  }
}

class FileReader extends RandomAccessReader {
  constructor(private readonly file: TableFile) {
    super();
  }

  /** yauzl names the first byte and the one behind the last. */
  override _readStreamForRange(start: number, end: number): Readable {
    const { file } = this;
    return Readable.from(
      (async function* () {
        yield* await file.open({ start, end: end - 1 });
      })(),
      { objectMode: false },
    );
  }
}

function damaged(cause: unknown): TableUnreadable {
  return new TableUnreadable('The workbook is damaged, encrypted, or no .xlsx file. Save it again, or as CSV.', {
    cause,
  });
}

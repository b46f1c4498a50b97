import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import yazl from 'yazl';

/** A zip file that is written as it is read: its parts follow each other, and none is in memory as a whole. */
export class ExportArchive {
  private readonly zip = new yazl.ZipFile();
  /** How many things each part has. */
  readonly contents: Record<string, number> = {};

  constructor() {
    // A source that fails makes the reader fail; and a reader that is not there yet must not end the process.
    this.zip.on('error', (error: Error) => this.abort(error));
    this.stream.on('error', () => undefined);
  }

  /** The bytes. Whoever stops reading them stops the writing. */
  get stream(): Readable {
    return this.zip.outputStream as Readable;
  }

  /** A JSON document. */
  addJson(path: string, value: unknown): void {
    this.contents[path] = Array.isArray(value) ? value.length : 1;
    this.zip.addBuffer(Buffer.from(`${JSON.stringify(value, null, 2)}\n`), path);
  }

  /** One JSON object a line. Resolves when all of them are written. */
  async addLines(path: string, rows: AsyncIterable<unknown>): Promise<void> {
    const lines = async function* () {
      for await (const row of rows) yield `${JSON.stringify(row)}\n`;
    };
    await this.addText(path, lines());
  }

  /** A text, thing by thing. Resolves when all of them are written. */
  async addText(path: string, things: AsyncIterable<string>): Promise<void> {
    this.contents[path] = 0;
    const counted = async function* (this: ExportArchive) {
      for await (const thing of things) {
        this.contents[path]! += 1;
        yield thing;
      }
    };
    await this.addStream(path, Readable.from(counted.call(this), { objectMode: false }), true);
  }

  async addFile(path: string, source: Readable): Promise<void> {
    // Pictures and videos are compressed already.
    await this.addStream(path, source, false);
    this.contents.media = (this.contents.media ?? 0) + 1;
  }

  end(): void {
    this.zip.end();
  }

  /** Makes the reader fail. */
  abort(error: Error): void {
    this.stream.destroy(error);
  }

  private async addStream(path: string, source: Readable, compress: boolean): Promise<void> {
    const abandoned = () => source.destroy(new Error('Nobody reads the archive any more.'));
    this.stream.once('close', abandoned);
    try {
      this.zip.addReadStream(source, path, { compress });
      await finished(source);
    } finally {
      this.stream.off('close', abandoned);
    }
  }
}

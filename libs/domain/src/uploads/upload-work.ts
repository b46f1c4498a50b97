import type { Database } from '#database';
import type { FileInspector } from '../media/inspection/file-inspector.js';
import type { Logger } from '../platform/logger.js';
import { WorkLoop } from '../platform/work-loop.js';
import type { UploadAssembler } from './upload-assembler.js';

/** Does what is left about files: scans and thumbnails, and uploads whose process died before they were put together. */
export class UploadWork {
  private readonly loop: WorkLoop;

  constructor(parts: { db: Database; log: Logger; assembler: UploadAssembler; inspector: FileInspector }) {
    const { db, log, assembler, inspector } = parts;
    this.loop = new WorkLoop({
      db,
      log,
      channel: 'media',
      turn: async () => ((await inspector.inspect()) || (await assembler.assemble()) ? 'more' : 'nothing'),
      failed: 'Work on files failed.',
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }
}

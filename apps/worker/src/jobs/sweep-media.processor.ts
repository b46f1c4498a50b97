import type { MediaSweeper } from '#domain';
import type { JobProcessor } from '#queues';

/** Files that nothing names do not fill the disk. */
export class SweepMediaProcessor implements JobProcessor {
  readonly name = 'sweep-media';

  constructor(
    private readonly sweeper: MediaSweeper,
    private readonly isStopping: () => boolean,
  ) {}

  async run() {
    const removed = await this.sweeper.run(new Date(), () => !this.isStopping());
    return removed.rows + removed.files === 0 ? undefined : removed;
  }
}

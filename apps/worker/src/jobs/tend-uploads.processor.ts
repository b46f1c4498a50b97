import type { UploadTender } from '#domain';
import type { JobProcessor } from '#queues';

/** Uploads that nobody goes on with do not keep their room, and who has none left is told. */
export class TendUploadsProcessor implements JobProcessor {
  readonly name = 'tend-uploads';

  constructor(
    private readonly tender: UploadTender,
    private readonly isStopping: () => boolean,
  ) {}

  async run() {
    const expired = await this.tender.removeExpired(() => !this.isStopping());
    const full = await this.tender.tellFull();
    return expired + full === 0 ? undefined : { expired, full };
  }
}

import type { ErasureRunner, ExportBuilder } from '#domain';
import type { JobProcessor } from '#queues';

/** Copies and erasures of personal data that were asked for come to their end. */
export class PrivacyRequestsProcessor implements JobProcessor {
  readonly name = 'privacy-requests';

  constructor(
    private readonly exports: ExportBuilder,
    private readonly erasures: ErasureRunner,
    private readonly isStopping: () => boolean,
  ) {}

  async run() {
    const hasTime = () => !this.isStopping();
    const [built, erased] = await Promise.all([this.exports.buildWaiting(hasTime), this.erasures.runDue(hasTime)]);
    const expired = await this.exports.removeExpired();
    return built + erased + expired === 0 ? undefined : { built, erased, expired };
  }
}

import { Queue } from 'bullmq';
import { jobQueue } from './job-runner.js';
import { prepareBackend, type QueueBackendConfig } from './queue-backend.js';

/** What the job queue looks like from outside. */
export interface JobQueueState {
  /** Jobs by state, as BullMQ names them: waiting, active, delayed, failed … */
  counts: Record<string, number>;
  /** How long the next turn of some job is overdue, milliseconds; null when no worker has ever set a schedule. */
  overdueMs: number | null;
}

/** Looks at the job queue without running jobs: for readiness and metrics. */
export class JobWatch {
  private constructor(private readonly queue: Queue) {}

  /** Opens its own connections. */
  static async open(config: QueueBackendConfig): Promise<JobWatch> {
    const connection = await prepareBackend(config);
    const queue = new Queue(jobQueue, { connection, prefix: config.prefix ?? 'waypost' });
    // Whoever looks is told by the failing look itself.
    queue.on('error', () => undefined);
    return new JobWatch(queue);
  }

  /** @throws what the backend throws when it is away */
  async look(now: number = Date.now()): Promise<JobQueueState> {
    const [counts, schedulers] = await Promise.all([this.queue.getJobCounts(), this.queue.getJobSchedulers(0, 100)]);
    const turns = schedulers.flatMap(({ next }) => next ?? []);
    return { counts, overdueMs: turns.length === 0 ? null : Math.max(0, now - Math.min(...turns)) };
  }

  async close(): Promise<void> {
    await this.queue.close().catch(() => undefined);
  }
}

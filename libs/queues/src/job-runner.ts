import { InjectQueue, OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { type Job, Queue, UnrecoverableError } from 'bullmq';
import { type JobName, jobCatalogue } from '#contracts';
import { JOB_PROCESSORS, type JobProcessor, QUEUE_LOG, type QueueLog } from './job-processor.js';

/** The one queue of recurring jobs. */
export const jobQueue = 'jobs';

/** Runs the jobs of the catalogue by their schedule: each turn once over all workers. */
@Processor(jobQueue, { concurrency: Object.keys(jobCatalogue).length })
export class JobRunner extends WorkerHost implements OnApplicationBootstrap {
  private readonly processors: Map<string, JobProcessor>;

  constructor(
    @Inject(JOB_PROCESSORS) processors: JobProcessor[],
    @Inject(QUEUE_LOG) private readonly log: QueueLog,
    @InjectQueue(jobQueue) private readonly queue: Queue,
  ) {
    super();
    this.processors = new Map(processors.map((processor) => [processor.name, processor]));
    queue.on('error', (error) => this.log.warn({ err: error }, 'the job queue has trouble'));
  }

  /** Every worker writes the same schedule; schedules of jobs that are no more are removed. */
  async onApplicationBootstrap(): Promise<void> {
    const names = Object.keys(jobCatalogue) as JobName[];
    for (const scheduler of await this.queue.getJobSchedulers()) {
      if (!names.includes(scheduler.key as JobName)) await this.queue.removeJobScheduler(scheduler.key);
    }
    for (const name of names) {
      const { everyMs } = jobCatalogue[name];
      const opts = { removeOnComplete: { count: 20 }, removeOnFail: { count: 50 } };
      await this.queue.upsertJobScheduler(name, { every: everyMs }, { name, opts });
    }
  }

  async process(job: Job): Promise<Record<string, unknown> | undefined> {
    const processor = this.processors.get(job.name);
    if (processor === undefined) throw new UnrecoverableError(`No processor for the job ${job.name}.`);
    const figures = await processor.run();
    if (figures !== undefined) this.log.debug({ job: job.name, ...figures }, 'job done');
    return figures;
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    this.log.error({ err: error, job: job?.name }, 'a job failed; its next turn comes all the same');
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.log.warn({ err: error }, 'the job worker has trouble');
  }
}

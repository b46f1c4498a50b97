import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import type { ConnectionOptions } from 'bullmq';
import { jobCatalogue } from '#contracts';
import { JOB_PROCESSORS, type JobProcessor, QUEUE_LOG, type QueueLog } from './job-processor.js';
import { JobRunner, jobQueue } from './job-runner.js';

@Module({})
class QueuesModule {}

/**
 * Runs the recurring jobs in a Nest application; they stop with it.
 * @param options.connection from `prepareBackend`
 * @throws Error when a job of the catalogue has no processor, or a processor no job, before anything is opened
 */
export function queuesModule(options: {
  connection: ConnectionOptions;
  prefix?: string;
  log: QueueLog;
  processors: JobProcessor[];
}): DynamicModule {
  assertComplete(options.processors);
  const { connection, prefix = 'waypost' } = options;
  return {
    module: QueuesModule,
    imports: [BullModule.forRoot({ connection, prefix }), BullModule.registerQueue({ name: jobQueue })],
    providers: [
      JobRunner,
      { provide: JOB_PROCESSORS, useValue: options.processors },
      { provide: QUEUE_LOG, useValue: options.log },
    ],
  };
}

function assertComplete(processors: JobProcessor[]): void {
  const jobs = Object.keys(jobCatalogue);
  const names: string[] = processors.map((processor) => processor.name);
  const missing = jobs.filter((job) => !names.includes(job));
  const unknown = names.filter((name) => !jobs.includes(name));
  if (missing.length > 0) throw new Error(`No processor for the jobs: ${missing.join(', ')}.`);
  if (unknown.length > 0) throw new Error(`No job in the catalogue for the processors: ${unknown.join(', ')}.`);
}

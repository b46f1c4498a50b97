import type { JobName } from '#contracts';

/** Does one job of the catalogue. To add a job: a line in contracts/jobs.ts, a class like this in apps/worker/src/jobs. */
export interface JobProcessor {
  readonly name: JobName;
  /**
   * May run more than once for one turn, and at the same time in another process. What it throws is logged; the next
   * turn comes all the same.
   * @returns figures for the log, or nothing when there was nothing to do
   */
  run(): Promise<Record<string, unknown> | undefined>;
}

/** Injection token of the list of all processors. */
export const JOB_PROCESSORS = Symbol('job-processors');

/** Where queues say what an operator should know. */
export interface QueueLog {
  debug(fields: object, line: string): void;
  warn(fields: object, line: string): void;
  error(fields: object, line: string): void;
}

/** Injection token of the log. */
export const QUEUE_LOG = Symbol('queue-log');

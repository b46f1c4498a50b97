export { JOB_PROCESSORS, type JobProcessor, type QueueLog } from './job-processor.js';
export { JobRunner, jobQueue } from './job-runner.js';
export { type JobQueueState, JobWatch } from './job-watch.js';
export { prepareBackend, type QueueBackendConfig } from './queue-backend.js';
export { queuesModule } from './queues.module.js';

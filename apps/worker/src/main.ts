import { runProcess } from '#config';
import { startWorker } from './start-worker.js';

await runProcess('worker', startWorker);

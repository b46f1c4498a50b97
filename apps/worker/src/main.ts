import { loadConfig } from '#config';
import { startWorker } from './start-worker.js';

const worker = await startWorker(loadConfig());
process.send?.({ ready: true });

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await worker.stop();
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);

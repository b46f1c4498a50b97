import { loadConfig } from '#config';
import { startApi } from './start-api.js';

const api = await startApi(loadConfig());
process.send?.({ ready: true, port: api.port });

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await api.stop();
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);

import { loadConfig } from '#config';
import { startEngine } from './start-engine.js';

const engine = await startEngine(loadConfig());
process.send?.({ ready: true, port: engine.port });

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await engine.stop();
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);

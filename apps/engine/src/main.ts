import { runProcess } from '#config';
import { startEngine } from './start-engine.js';

await runProcess('engine', startEngine);

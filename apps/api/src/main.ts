import { runProcess } from '#config';
import { startApi } from './start-api.js';

await runProcess('api', startApi);

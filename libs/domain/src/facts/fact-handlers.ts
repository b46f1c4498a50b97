import type { FactHandlers } from './fact-recorder.js';

/** What is stored of each type of fact. A type that is missing here is not kept. */
export const factHandlers: FactHandlers = {};

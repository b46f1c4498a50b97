import type { FactHandlers } from './fact-recorder.js';
import { groupFactHandlers } from './group-facts.js';
import { newsletterFactHandlers } from './newsletter-facts.js';

/** What is stored of each type of fact. A type that is missing here is not kept. */
export const factHandlers: FactHandlers = {
  ...groupFactHandlers,
  ...newsletterFactHandlers,};

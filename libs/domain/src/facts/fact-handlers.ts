import { callFactHandlers } from './call-facts.js';
import { chatFactHandlers } from './chat-facts.js';
import type { FactHandlers } from './fact-recorder.js';
import { groupFactHandlers } from './group-facts.js';
import { labelFactHandlers } from './label-facts.js';
import { newsletterFactHandlers } from './newsletter-facts.js';
import { peopleFactHandlers } from './people-facts.js';

/** What is stored of each type of fact. A type that is missing here is not kept. */
export const factHandlers: FactHandlers = {
  ...callFactHandlers,
  ...chatFactHandlers,
  ...groupFactHandlers,
  ...labelFactHandlers,
  ...peopleFactHandlers,
  ...newsletterFactHandlers,
};

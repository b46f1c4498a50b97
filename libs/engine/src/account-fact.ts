import type { CallFact } from './facts/call-facts.js';
import type { ChatFact } from './facts/chat-facts.js';
import type { GroupFact } from './facts/group-facts.js';
import type { NewsletterFact } from './facts/newsletter-facts.js';
import type { PeopleFact } from './facts/people-facts.js';

/** What became known besides messages and receipts. Each may be told again: it says how things are, not what to add. */
export type AccountFact = CallFact | ChatFact | GroupFact | NewsletterFact | PeopleFact;
export type AccountFactType = AccountFact['type'];

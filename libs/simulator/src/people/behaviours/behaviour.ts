import type { Span } from '../../time/span.js';

/** Something that a person keeps doing without being told, as data: it can be listed, sent over HTTP, and saved. */
export type Behaviour =
  /** Answers each text with the same text after `prefix` (default `echo `). */
  | { does: 'echo'; prefix?: string; afterMs?: Span }
  /** Answers each message with one of the texts; `chance` from 0 to 1, default 1. */
  | { does: 'reply'; texts: readonly string[]; afterMs?: Span; chance?: number }
  /** Answers the `afterMessages`-th message of a chat (default 1) with `word` (default STOP), and nothing more. */
  | { does: 'opt-out'; word?: string; afterMessages?: number; afterMs?: Span }
  /** Opens the chat; `chance` from 0 to 1, default 1. */
  | { does: 'read'; afterMs?: Span; chance?: number }
  /** Opens no chat, whatever other behaviours say. */
  | { does: 'never-read' }
  /**
   * Sends `count` texts to one number, the first after `afterMs`. With `encryptsFirst` all are encrypted at the beginning,
   * as far as time allows: then the pace costs this process little.
   */
  | {
      does: 'flood';
      to: string;
      count: number;
      everyMs?: Span;
      afterMs?: Span;
      text?: string;
      encryptsFirst?: boolean;
    }
  /** Writes to one of the numbers, for as long as it lasts. */
  | { does: 'chat'; with: readonly string[]; everyMs: Span }
  /** Loses its network and gets it back, again and again. */
  | { does: 'come-and-go'; onlineMs: Span; offlineMs: Span }
  /** Blocks whoever writes. */
  | { does: 'block'; afterMs?: Span; chance?: number }
  /** Leaves each group that somebody writes in. */
  | { does: 'leave-groups'; afterMs?: Span }
  /** Takes another phone number, once. */
  | { does: 'change-number'; to: string; afterMs?: Span }
  /** Installs WhatsApp again, once: others hear that the identity changed, linked devices are gone. */
  | { does: 'reinstall'; afterMs?: Span };

export type BehaviourName = Behaviour['does'];
export const BEHAVIOURS: readonly BehaviourName[] = [
  'echo',
  'reply',
  'opt-out',
  'read',
  'never-read',
  'flood',
  'chat',
  'come-and-go',
  'block',
  'leave-groups',
  'change-number',
  'reinstall',
];

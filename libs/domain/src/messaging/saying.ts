import type { Said } from '#contracts';
import type { SendableContent } from '#engine';
import type { MediaGiven, TakenMedia } from '../media/media-intake.js';
import { mediaContent } from './message-draft.js';

/** What somebody wants to say, before its files are taken in: the one form in which all edges give contents. */
export interface Saying {
  /** Where its files come from. */
  files: MediaGiven[];
  /** The content, once its files are there, in their order. */
  say(taken: TakenMedia[]): SendableContent;
}

/** Something without files. */
export function plainSaying(content: SendableContent): Saying {
  return { files: [], say: () => content };
}

/** One file, with words under it. @throws validation, when it is said, for a caption that WhatsApp does not take */
export function fileSaying(given: MediaGiven, caption?: string): Saying {
  return { files: [given], say: ([taken]) => mediaContent(given.form, taken!, { caption }) };
}

/** The same, and besides whom it mentions, how often it can be seen, when it disappears. */
export function sayingBesides(saying: Saying, besides: Said): Saying {
  const given = Object.fromEntries(Object.entries(besides).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return saying;
  return { files: saying.files, say: (taken) => ({ ...saying.say(taken), ...given }) };
}

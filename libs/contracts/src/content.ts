/**
 * What a message says, in our words: stored in `messages.content`, carried in events and webhooks, given to the engine.
 * To add a kind: an arm here, `engine/src/baileys/content/<kind>.ts` with both directions, a DTO.
 */
import type { MissingMedia } from './media-states.js';

export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/** Facts of a media file. The bytes are in storage under `mediaId`; null until an inbound file has been downloaded. */
export interface MediaFacts {
  mediaId: string | null;
  mimeType: string;
  sizeBytes: number | null;
  /** Lower-case hex SHA-256 of the plain bytes. */
  sha256: string | null;
  fileName?: string;
  widthPx?: number;
  heightPx?: number;
  durationSeconds?: number;
  /** Small JPEG that phones show before the file is loaded, base64. */
  thumbnail?: string;
  /** Loudness over a voice note, 64 values of 0 to 100. */
  waveform?: number[];
  /** Of a document. */
  pageCount?: number;
  /** Of a received file that is not here (yet): why. */
  missing?: MissingMedia;
  /** By its content the file is of this type, not of the one that its sender told. */
  actualType?: string;
}

/** A WhatsApp user as far as it is known: digits of the phone number without plus, digits of the LID. */
export interface UserAddress {
  phone: string | null;
  lid: string | null;
}

/** What a link shows before it is opened. Made by the sender; recipients cannot check it. */
export interface LinkPreview {
  /** As it stands in the text. */
  url: string;
  title: string;
  description?: string;
  /** Small JPEG, base64. */
  thumbnail?: string;
}

/** Where something is, in degrees. */
export interface Place {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
  url?: string;
}

/** A card of an address book. */
export interface ContactCard {
  /** Shown name. */
  name: string;
  /** The whole card, vCard 3.0. */
  vcard: string;
}

/** One thing to tap on. What each does is WhatsApp's: `reply` comes back as a `choice`. */
export type Button =
  | { type: 'reply'; id: string; title: string }
  | { type: 'url'; title: string; url: string }
  | { type: 'call'; title: string; phone: string }
  | { type: 'copy'; title: string; code: string };

export interface ListSection {
  title: string;
  rows: { id: string; title: string; description?: string }[];
}

/** One card of a carousel. */
export interface CarouselCard {
  title?: string;
  text: string;
  footer?: string;
  /** Shown above the text. */
  media?: { kind: 'image' | 'video'; media: MediaFacts };
  buttons: Button[];
}

/** What any kind may say besides. */
export interface Said {
  /** People named in the text with `@<digits>`. */
  mentions?: UserAddress[];
  /** How often it was forwarded; WhatsApp shows "many times" from 5. */
  forwardingScore?: number;
  /** Can be opened once, on a phone. */
  viewOnce?: true;
  /** Disappears so many seconds after it was read or sent, by the chat's timer. */
  disappearsInSeconds?: number;
}

/**
 * Things to choose from in a message. WhatsApp shows them to nobody for certain (it takes them from business partners):
 * the caller says with `fallback` whether the words go out as plain text instead. Then the message is a text, and is stored
 * and told as one: of a message that exists `fallback` is false.
 */
export type InteractiveContent =
  | { kind: 'buttons'; text: string; header?: string; footer?: string; buttons: Button[]; fallback: boolean }
  | {
      kind: 'list';
      text: string;
      header?: string;
      footer?: string;
      buttonTitle: string;
      sections: ListSection[];
      fallback: boolean;
    }
  | { kind: 'carousel'; text: string; footer?: string; cards: CarouselCard[]; fallback: boolean };

interface LocationContent extends Place {
  kind: 'location';
}

/** A place that is sent again as it moves, under one message id. */
interface LiveLocationContent extends Pick<Place, 'latitude' | 'longitude'> {
  kind: 'live_location';
  caption?: string;
  accuracyMeters?: number;
  speedMetersPerSecond?: number;
  headingDegrees?: number;
  sequence?: number;
}

/** Each arm has its `kind` itself, so that the AsyncAPI document can name them all. */
type Kinds =
  | { kind: 'text'; text: string; preview?: LinkPreview; background?: string; font?: number }
  | { kind: 'image'; media: MediaFacts; caption?: string }
  /** `gif`: plays in a loop without sound. `round`: a video note. */
  | { kind: 'video'; media: MediaFacts; caption?: string; gif?: true; round?: true }
  | { kind: 'audio'; media: MediaFacts; voice: boolean }
  | { kind: 'document'; media: MediaFacts; caption?: string }
  | { kind: 'sticker'; media: MediaFacts; animated?: true }
  | LocationContent
  | LiveLocationContent
  | { kind: 'contacts'; contacts: ContactCard[] }
  /** `selectable`: how many options one may choose; 0 means any number. */
  | { kind: 'poll'; question: string; options: string[]; selectable: number }
  | {
      kind: 'event';
      name: string;
      description?: string;
      /** ISO 8601. */
      startsAt: string;
      endsAt?: string;
      place?: Partial<Place>;
      joinLink?: string;
      cancelled?: true;
    }
  | { kind: 'group_invite'; groupId: string; code: string; groupName: string; caption?: string; expiresAt?: string }
  /** Announces how many files follow as one album. */
  | { kind: 'album'; imageCount: number; videoCount: number }
  /** What was tapped in buttons, a list or a template. */
  | { kind: 'choice'; id: string; title: string; description?: string }
  | InteractiveContent
  /** Something this version does not translate yet; `type` is WhatsApp's own name of the part. Kept, never dropped. */
  | { kind: 'unsupported'; type: string }
  /** A message that could not be decrypted. WhatsApp may deliver it again; then the row is completed. */
  | { kind: 'undecryptable'; reason: string };

export type MessageContent = Kinds & Said;
export type MessageKind = Kinds['kind'];

/** Something done to a message that is there already. Travels as a message of its own, which nobody sees. */
export type MessageAction =
  /** Null takes the reaction back. */
  | { kind: 'reaction'; emoji: string | null }
  /**
   * New words, or a new caption of a media message. `content` is the whole of it where more than words can change: an
   * event, a post of a newsletter.
   */
  | { kind: 'edit'; text: string; mentions?: UserAddress[]; content?: MessageContent }
  /** Deletes for everyone. In a group an admin may delete the messages of others. */
  | { kind: 'revoke' }
  /** For so many seconds: 86,400, 604,800 or 2,592,000; null unpins. */
  | { kind: 'pin'; seconds: number | null }
  /** Keeps a disappearing message, or lets it go. */
  | { kind: 'keep'; kept: boolean }
  /** All options chosen now, by their words; none takes the vote back. */
  | { kind: 'poll_vote'; options: string[] }
  | { kind: 'event_response'; response: 'going' | 'not_going' | 'maybe'; extraGuests?: number };
export type MessageActionKind = MessageAction['kind'];

import {
  type Button,
  type CarouselCard,
  type ContactCard,
  type LinkPreview,
  type ListSection,
  type MediaFacts,
  type MessageContent,
  type MissingMedia,
  missingMedia,
  type Place,
  type UserAddress,
} from '#contracts';

/** What a message says in the v1 form; which fields there are depends on the message's `type`. */
export interface ContentView {
  /** Of texts, and of buttons, lists and carousels the words above them. */
  text?: string;
  /** Of texts: what the link shows. */
  preview?: Omit<LinkPreview, 'thumbnail'>;
  caption?: string;
  /** Path of the media on this server; null while the file of an incoming message is not to be had. */
  url?: string | null;
  /** Whether the file is here, else why not. */
  mediaState?: 'stored' | MissingMedia;
  /** The same as a sentence, when it is not here. */
  mediaProblem?: string;
  /** What the file is by its content, where its sender told something else. */
  actualType?: string;
  mimetype?: string;
  filename?: string;
  sizeBytes?: number | null;
  /** Lower-case hex. */
  sha256?: string | null;
  widthPx?: number;
  heightPx?: number;
  durationSeconds?: number;
  pageCount?: number;
  /** Small JPEG, base64. */
  thumbnail?: string;
  /** Loudness over a voice message, 0 to 100. */
  waveform?: number[];
  /** Audio: whether it is a voice message. */
  ptt?: boolean;
  /** Video: plays in a loop without sound. */
  gif?: true;
  /** Video: a video note. */
  round?: true;
  /** Sticker. */
  animated?: true;
  latitude?: number;
  longitude?: number;
  /** Of a location, an event or a choice. */
  name?: string;
  address?: string;
  locationUrl?: string;
  accuracyMeters?: number;
  speedMetersPerSecond?: number;
  headingDegrees?: number;
  contacts?: ContactCard[];
  /** Of a poll. */
  question?: string;
  options?: string[];
  /** Of a poll: how many options one may choose; 0 means any number. */
  selectable?: number;
  description?: string;
  /** Of an event, ISO 8601. */
  startsAt?: string;
  endsAt?: string;
  place?: Partial<Place>;
  joinLink?: string;
  cancelled?: true;
  /** Of an invitation into a group. */
  groupId?: string;
  groupName?: string;
  code?: string;
  expiresAt?: string;
  /** Of an album: how many files follow. */
  imageCount?: number;
  videoCount?: number;
  /** Of a choice: what was tapped. */
  id?: string;
  title?: string;
  header?: string;
  footer?: string;
  buttons?: Button[];
  buttonTitle?: string;
  sections?: ListSection[];
  cards?: CardView[];
  /** People who are named in the text. */
  mentions?: UserAddress[];
  /** How often it was forwarded; WhatsApp shows "many times" from 5. */
  forwardingScore?: number;
  viewOnce?: true;
  disappearsInSeconds?: number;
  /** Of a message that this version does not translate: WhatsApp's name of the kind. */
  unsupportedType?: string;
  /** Of a message that could not be decrypted: why. */
  reason?: string;
}

/** A card of a carousel, with the media type of its file. */
export type CardView = Omit<CarouselCard, 'media'> & { mimetype?: string };

/** Presents what a message says. */
export function contentView(messageId: string, content: MessageContent): ContentView {
  const { mentions, forwardingScore, viewOnce, disappearsInSeconds } = content;
  return given({
    ...wordsOf(messageId, content),
    mentions,
    forwardingScore,
    viewOnce,
    disappearsInSeconds,
  });
}

function wordsOf(messageId: string, content: MessageContent): ContentView {
  switch (content.kind) {
    case 'text': {
      const { url, title, description } = content.preview ?? {};
      return { text: content.text, ...(url && title ? { preview: { url, title, ...given({ description }) } } : {}) };
    }
    case 'audio':
      return { ...mediaView(messageId, content.media), ptt: content.voice };
    case 'image':
    case 'document':
      return { caption: content.caption, ...mediaView(messageId, content.media) };
    case 'video': {
      const { caption, gif, round } = content;
      return { caption, ...mediaView(messageId, content.media), gif, round };
    }
    case 'sticker':
      return { ...mediaView(messageId, content.media), animated: content.animated };
    case 'location': {
      const { latitude, longitude, name, address, url } = content;
      return { latitude, longitude, name, address, locationUrl: url };
    }
    case 'live_location': {
      const { latitude, longitude, caption, accuracyMeters, speedMetersPerSecond, headingDegrees } = content;
      return { latitude, longitude, caption, accuracyMeters, speedMetersPerSecond, headingDegrees };
    }
    case 'carousel': {
      const { text, footer, cards } = content;
      return { text, footer, cards: cards.map(({ media, ...card }) => ({ ...card, mimetype: media?.media.mimeType })) };
    }
    case 'unsupported':
      return { unsupportedType: content.type };
    case 'undecryptable':
      return { reason: content.reason };
    case 'contacts':
      return { contacts: content.contacts };
    case 'poll': {
      const { question, options, selectable } = content;
      return { question, options, selectable };
    }
    case 'event': {
      const { name, description, startsAt, endsAt, place, joinLink, cancelled } = content;
      return { name, description, startsAt, endsAt, place, joinLink, cancelled };
    }
    case 'group_invite': {
      const { groupId, groupName, code, caption, expiresAt } = content;
      return { groupId, groupName, code, caption, expiresAt };
    }
    case 'album':
      return { imageCount: content.imageCount, videoCount: content.videoCount };
    case 'choice':
      return { id: content.id, title: content.title, description: content.description };
    case 'buttons': {
      const { text, header, footer, buttons } = content;
      return { text, header, footer, buttons };
    }
    case 'list': {
      const { text, header, footer, buttonTitle, sections } = content;
      return { text, header, footer, buttonTitle, sections };
    }
  }
}

function mediaView(messageId: string, media: MediaFacts): ContentView {
  const { mediaId, mimeType, sizeBytes, sha256, fileName, missing, ...shown } = media;
  const canBeFetched = mediaId !== null || missing === 'on_demand';
  return {
    url: canBeFetched ? `/api/v1/messages/${messageId}/media` : null,
    mediaState: mediaId === null ? (missing ?? 'waiting') : 'stored',
    mediaProblem: mediaId === null && missing ? missingMedia[missing] : undefined,
    mimetype: mimeType,
    filename: fileName,
    sizeBytes,
    sha256,
    ...shown,
  };
}

/** Without the fields that are not there. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

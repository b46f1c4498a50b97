import type {
  Button,
  CarouselCard,
  ContactCard,
  LinkPreview,
  ListSection,
  MessageKind,
  Place,
  UserAddress,
} from './content.js';
import type { ChatKind, MessageParty } from './events.js';
import type { MissingMedia } from './media-states.js';
import type { SendHoldCode } from './send-holds.js';

/**
 * The one v1 form of a message: answers, sockets and webhooks all show this. `messageId`, `senderJid`, `type`,
 * `content`, `status`, `quotedMessageId` and `timestamp` are the names that clients of the older product know.
 */
export interface MessageView {
  id: string;
  /** WhatsApp's id. */
  messageId: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  chatId: string;
  chatType: ChatKind;
  /** What a group, newsletter or list is called, where it is known. */
  chatName: string | null;
  direction: 'incoming' | 'outgoing';
  fromMe: boolean;
  /** Who wrote it; null when it was this profile, or a newsletter. */
  from: MessageParty | null;
  /** To whom; null when it was this profile, and in all but chats of two. */
  to: MessageParty | null;
  /** The author's address, of a newsletter its own; null when it was this profile. */
  senderJid: string | null;
  type: MessageKind;
  content: ContentView;
  /** The text or caption, for clients that want nothing else. */
  body: string | null;
  hasMedia: boolean;
  /** Of outgoing messages the delivery state; of incoming ones `received`. */
  status: string;
  /** Stable code that explains failed, cancelled, expired and unknown. */
  statusReason: string | null;
  /** WhatsApp's id of the message that this one answers. */
  quotedMessageId: string | null;
  batchId: string | null;
  /** Whether it was read: an incoming one here or on the phone, an outgoing one by the other person, or all of them. */
  isRead: boolean;
  isStarred: boolean;
  /** When WhatsApp says that it was sent; while it is queued, when it was accepted. ISO 8601, as are the others. */
  timestamp: string;
  deliveredAt: string | null;
  readAt: string | null;
  editedAt: string | null;
  /** When it was deleted for everyone. Then `content` is empty. */
  deletedAt: string | null;
  pinnedUntil: string | null;
  /** Of a queued message: why it waits, and until when at least (ISO 8601), as far as that is known. */
  waitingFor: { code: SendHoldCode; sentence: string; until: string | null } | null;
  /** The most frequent first. */
  reactions: ReactionView[];
  /** How many chose what in a poll, or answered what to an invitation; options that nobody chose are absent. */
  answers: AnswerView[];
}

export interface ReactionView {
  emoji: string;
  count: number;
  /** Whether this profile is among them. */
  fromMe: boolean;
}

export interface AnswerView {
  /** The option of a poll; of an invitation `going`, `not_going` or `maybe`. */
  value: string;
  count: number;
  fromMe: boolean;
}

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

import type { LoggedEvent, MediaFacts, MessageContent, MessageParty } from '#contracts';

/** A message as the product knows it, from a row or from an event: what the views are made of. */
export interface MessageRecord {
  id: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  direction: 'incoming' | 'outgoing';
  /** The address of the chat, `<phone>@s.whatsapp.net` or `<lid>@lid`. */
  chatId: string;
  /** The other person of the chat. */
  party: MessageParty;
  content: MessageContent;
  quotedWaMessageId: string | null;
  state: string;
  stateReason: string | null;
  batchId: string | null;
  /** Of incoming messages. */
  isRead: boolean;
  sentAt: Date;
  deliveredAt: Date | null;
  readAt: Date | null;
}

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
  direction: 'incoming' | 'outgoing';
  fromMe: boolean;
  /** Who wrote it; null when it was this profile. */
  from: MessageParty | null;
  /** To whom; null when it was this profile. */
  to: MessageParty | null;
  /** The author's address; null when it was this profile. */
  senderJid: string | null;
  type: MessageContent['kind'];
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
  /** Whether it was read: an incoming one here or on the phone, an outgoing one by the other person. */
  isRead: boolean;
  /** When WhatsApp says that it was sent; while it is queued, when it was accepted. ISO 8601, as are the others. */
  timestamp: string;
  deliveredAt: string | null;
  readAt: string | null;
}

/** What a message says; which fields there are depends on `type`. */
export interface ContentView {
  text?: string;
  caption?: string;
  /** Path of the media on this server; null until an incoming file has been downloaded. */
  url?: string | null;
  mimetype?: string;
  filename?: string;
  sizeBytes?: number | null;
  /** Lower-case hex. */
  sha256?: string | null;
  widthPx?: number;
  heightPx?: number;
  durationSeconds?: number;
  /** Audio: whether it is a voice message. */
  ptt?: boolean;
  /** Of a message that this version does not translate: WhatsApp's name of the kind. */
  unsupportedType?: string;
  /** Of a message that could not be decrypted: why. */
  reason?: string;
}

/** Presents a message in the v1 form. */
export function messageView(record: MessageRecord): MessageView {
  const fromMe = record.direction === 'outgoing';
  const { content } = record;
  return {
    id: record.id,
    messageId: record.waMessageId,
    waMessageId: record.waMessageId,
    profileId: record.profileId,
    conversationId: record.conversationId,
    chatId: record.chatId,
    direction: record.direction,
    fromMe,
    from: fromMe ? null : record.party,
    to: fromMe ? record.party : null,
    senderJid: fromMe ? null : record.chatId,
    type: content.kind,
    content: contentView(record.id, content),
    body: bodyOf(content),
    hasMedia: 'media' in content,
    status: record.state,
    statusReason: record.stateReason,
    quotedMessageId: record.quotedWaMessageId,
    batchId: record.batchId,
    isRead: fromMe ? record.state === 'read' || record.state === 'played' : record.isRead,
    timestamp: record.sentAt.toISOString(),
    deliveredAt: record.deliveredAt?.toISOString() ?? null,
    readAt: record.readAt?.toISOString() ?? null,
  };
}

/** Text or caption of a message; null when it has none. */
export function bodyOf(content: MessageContent): string | null {
  if (content.kind === 'text') return content.text;
  return 'caption' in content ? (content.caption ?? null) : null;
}

function contentView(messageId: string, content: MessageContent): ContentView {
  switch (content.kind) {
    case 'text':
      return { text: content.text };
    case 'audio':
      return { ...mediaView(messageId, content.media), ptt: content.voice };
    case 'image':
    case 'video':
    case 'document':
      return {
        ...(content.caption === undefined ? {} : { caption: content.caption }),
        ...mediaView(messageId, content.media),
      };
    case 'unsupported':
      return { unsupportedType: content.type };
    case 'undecryptable':
      return { reason: content.reason };
    default: {
      const { kind: _, ...said } = content;
      return said as ContentView;
    }
  }
}

function mediaView(messageId: string, media: MediaFacts): ContentView {
  const { mediaId, mimeType, sizeBytes, sha256, fileName, widthPx, heightPx, durationSeconds } = media;
  return {
    url: mediaId === null ? null : `/api/v1/messages/${messageId}/media`,
    mimetype: mimeType,
    ...(fileName === undefined ? {} : { filename: fileName }),
    sizeBytes,
    sha256,
    ...(widthPx === undefined ? {} : { widthPx }),
    ...(heightPx === undefined ? {} : { heightPx }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

/** The message that an event tells of as it was then, without a read; null for events that do not carry a message. */
export function messageOfEvent(event: LoggedEvent): MessageRecord | null {
  switch (event.name) {
    case 'message.queued':
      return {
        ...carried(event, event.payload),
        direction: 'outgoing',
        party: event.payload.to,
        state: 'queued',
        batchId: event.payload.batchId,
        isRead: false,
        sentAt: event.occurredAt,
      };
    case 'message.sent_from_phone':
      return {
        ...carried(event, event.payload),
        direction: 'outgoing',
        party: event.payload.to,
        state: 'sent',
        batchId: null,
        isRead: false,
        sentAt: new Date(event.payload.sentAt),
      };
    case 'message.received':
      return {
        ...carried(event, event.payload),
        direction: 'incoming',
        party: event.payload.from,
        state: 'received',
        batchId: null,
        isRead: false,
        sentAt: new Date(event.payload.sentAt),
      };
    default:
      return null;
  }
}

function carried(
  event: LoggedEvent,
  payload: {
    messageId: string;
    waMessageId: string;
    conversationId: string;
    chatId: string;
    content: MessageContent;
    quotedWaMessageId: string | null;
  },
) {
  return {
    id: payload.messageId,
    waMessageId: payload.waMessageId,
    profileId: event.profileId!,
    conversationId: payload.conversationId,
    chatId: payload.chatId,
    content: payload.content,
    quotedWaMessageId: payload.quotedWaMessageId,
    stateReason: null,
    deliveredAt: null,
    readAt: null,
  };
}

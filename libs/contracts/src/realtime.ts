import type { BroadcastProgressed } from './broadcasts.js';
import type { ImportProgress } from './contact-imports.js';
import type { DataExportChanged, EventActor, EventName, EventPayloads } from './events.js';
import type { MessageView } from './message-view.js';

/**
 * Messages on the Socket.IO namespace `/ws`. Names and shapes follow the product whose v1 API we answer; `seq` is the
 * position in an event log, from which a client resumes. The AsyncAPI document is generated from these types.
 */

/** A QR code that links a profile. */
export interface QrShown {
  profileId: string;
  /** PNG, as a data URL. */
  qrCode: string;
  /** The text inside it. */
  qrText: string;
  /** ISO 8601. */
  expiresAt: string;
  seq: number;
}

export interface ConnectionShown {
  profileId: string;
  status: string;
  code: string;
  /** A sentence for people. */
  message: string;
  /** What they can do. */
  action: string;
  phoneNumber: string | null;
  seq: number;
}

/** A conversation as far as a message tells of it. */
export interface ConversationShown {
  id: string;
  profileId?: string;
  chatId?: string;
  type?: string;
  phone?: string | null;
  lid?: string | null;
  name?: string | null;
}

export interface MessageShown {
  /** `message:received`, `message:sent` (on the phone), `message:queued` or `message:updated`: fetch it again. */
  type: string;
  /** The whole message; of an update only where it is. */
  message: MessageView | { id: string; conversationId: string };
  conversation: ConversationShown;
  profileId: string;
  seq: number;
}

export interface AckShown {
  profileId: string;
  /** Our id of the message. */
  messageId: string;
  /** WhatsApp's id of the message. */
  waMessageId: string;
  status: string;
  reason: string | null;
  seq: number;
}

export interface ImportShown extends ImportProgress {
  profileId: string;
  /** Whole percent of the rows; null until they were counted. */
  progress: number | null;
  seq: number;
}

export interface BroadcastShown extends BroadcastProgressed {
  /** The profile whose broadcast it is. */
  profileId: string;
  seq: number;
}

export interface ExportShown extends DataExportChanged {
  seq: number;
}

/** What a subscription is to. Profile and conversation ids are ours; an organization or a user is always the own one. */
export interface RoomShown {
  room: RoomKind;
  /** Of the profile, the conversation, the organization or the user. */
  id: string;
}

export type RoomKind = 'profile' | 'conversation' | 'organization' | 'user';

export interface SubscriptionEnded extends RoomShown {
  /** The profile, where it is one or lies in one. */
  profileId?: string;
  code: string;
  message: string;
}

export interface CredentialEnded {
  code: string;
  message: string;
}

/** An event of the log as it is. */
export interface EventShown<Name extends EventName = EventName> {
  id: string;
  seq: number;
  name: Name;
  version: number;
  profileId: string | null;
  conversationId: string | null;
  actor: EventActor;
  /** ISO 8601. */
  occurredAt: string;
  payload: EventPayloads[Name];
}

/** What the server sends, besides events as they are. */
export interface SocketMessages {
  /** A new QR code. Sent on change and to late subscribers, to those who may link the profile. */
  'qr:update': QrShown;
  /** The connection state changed, or the present one for a new subscriber. */
  'connection:status': ConnectionShown;
  /** A message was received, or sent from the phone or the API, or something about it is another thing now. */
  message: MessageShown;
  /** An outgoing message moved to another state. */
  'message:ack': AckShown;
  /** How far an import of contacts is: when it begins and ends, and once a second at most in between. */
  'import:progress': ImportShown;
  /** How far a broadcast is: whenever its figures changed, every few seconds at most, and when it is completed. */
  'broadcast:progress': BroadcastShown;
  /** How far a copy of personal data is: when it begins and ends, and at each good step in between. In the rooms of users and organizations. */
  'export:progress': ExportShown;
  /** The rights to follow a room are gone, or the room is, so no more is told of it. The code is one of the error catalogue. */
  'subscription:ended': SubscriptionEnded;
  /** The login or key of this socket has ended; the socket is closed right after. Codes are those of the API's errors. */
  'credential:ended': CredentialEnded;
}

/** All that the server sends. */
export interface ServerMessages extends SocketMessages {
  /** Any event of the log as it is: in profiles and conversations for who asked for `raw: true`, elsewhere always. */
  event: EventShown;
}

export type ServerToClient = {
  [Name in keyof ServerMessages]: (payload: Name extends 'event' ? unknown : ServerMessages[Name]) => void;
};

/** Where in a log a subscription begins, and what it is told. */
export interface SubscribeOptions {
  /**
   * Resume: everything after this position of the log comes first. Omit to start now (of a profile with the current QR and
   * state). Positions are those of the profile's log for profiles and conversations, else of the organization's.
   */
  after?: number;
  /** Also send every event unchanged as `event`. */
  raw?: boolean;
}

export interface SubscribeRequest extends SubscribeOptions {
  profileId: string;
}

export interface ConversationRequest extends SubscribeOptions {
  conversationId: string;
}

export type SubscribeAnswer =
  | {
      success: true;
      room: RoomKind;
      id: string;
      /** The profile, where it is one or lies in one. */
      profileId?: string;
      /** The position after which events come. */
      seq: number;
    }
  | { success: false; error: { code: string; message: string } };

/** What clients send. Each is acknowledged with a `SubscribeAnswer`. */
export interface ClientMessages {
  /** Follow a profile: what happens in and to it. Needs events.read there. */
  'subscribe:profile': SubscribeRequest;
  /** Older name of `subscribe:profile`. */
  join: SubscribeRequest;
  'unsubscribe:profile': { profileId: string };
  /** Follow one conversation. Needs events.read for its profile. */
  'subscribe:conversation': ConversationRequest;
  'unsubscribe:conversation': { conversationId: string };
  /** Follow what belongs to no profile: members, keys, workspaces, settings. Needs events.read in the whole organization. */
  'subscribe:organization': Pick<SubscribeOptions, 'after'>;
  'unsubscribe:organization': Record<string, never>;
  /** Follow what concerns the own account: logins, passkeys, rights, copies of the own data. Needs no permission. */
  'subscribe:user': Pick<SubscribeOptions, 'after'>;
  'unsubscribe:user': Record<string, never>;
}

export type ClientToServer = {
  [Name in keyof ClientMessages]: (request: ClientMessages[Name], answer?: (result: SubscribeAnswer) => void) => void;
};

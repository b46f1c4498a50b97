/**
 * What a phone would show, as data: pages and tests read it, and it is what travels over the control interface. Times
 * are milliseconds since 1970, people are phone numbers, durations are seconds.
 */
export type ChatKind = 'direct' | 'group' | 'newsletter' | 'status';

/** How far an own message has come. In a group it is the least that is true of every member. */
export type Ticks = 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';

/** One line of the list of chats. */
export interface ChatSummary {
  /** The number of the other person, or the address of the group, newsletter or `status@broadcast`. */
  id: string;
  kind: ChatKind;
  /** Name of the person, subject of the group, name of the newsletter. */
  title: string;
  unread: number;
  /** Seconds after which new messages vanish; absent when they stay. */
  disappearingSeconds?: number;
  /** Ids of messages that are pinned now, newest pin first. */
  pinned: string[];
  /** True when this person can no longer write here: it left the group, or the group is gone. */
  readOnly: boolean;
  lastMessage?: ChatMessageView;
}

export interface ChatView extends ChatSummary {
  /** Oldest first. */
  messages: ChatMessageView[];
}

/** A file of a message. Its bytes are fetched by the chat's id and the message's `index`. */
export interface MediaView {
  kind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  mimetype: string;
  fileLength: number;
  fileName?: string;
  seconds?: number;
  width?: number;
  height?: number;
  /** A voice note. */
  voice?: boolean;
  /** A round video. */
  round?: boolean;
  /** A small JPEG in base64. */
  thumbnail?: string;
}

export interface PollView {
  question: string;
  /** How many options one may choose; 0 for any number. */
  selectable: number;
  options: { name: string; voters: string[] }[];
}

export interface EventView {
  name: string;
  description?: string;
  startsAt: number;
  endsAt?: number;
  canceled: boolean;
  going: string[];
  notGoing: string[];
  maybe: string[];
}

export interface LocationView {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
  /** A location that moves. */
  live: boolean;
}

/** Buttons, list rows or the choice that somebody made from them. */
export interface ChoicesView {
  kind: 'buttons' | 'list' | 'template' | 'reply';
  options: { id: string; text: string }[];
}

export interface ChatMessageView {
  /** Position among all messages of this phone, from 1, never reused. */
  index: number;
  /** WhatsApp message id. Several people may use one id; `sender` tells them apart. */
  id: string;
  sender: string;
  /** The name that the sender goes by. */
  senderName: string;
  fromMe: boolean;
  /** What it is: `text`, `image`, `poll`… or `notice` for a line about the group itself. */
  kind: string;
  text?: string;
  media?: MediaView;
  quoted?: { id: string; sender?: string; text?: string; kind?: string };
  /** Numbers of the people who are mentioned. */
  mentions?: string[];
  location?: LocationView;
  /** Names on contact cards. */
  contacts?: string[];
  poll?: PollView;
  event?: EventView;
  choices?: ChoicesView;
  /** An invitation to a group: its address, name, code and until when it is good. */
  invite?: { group: string; name?: string; code: string; expiresAt: number };
  reactions: { emoji: string; senders: string[] }[];
  edited: boolean;
  /** Deleted for everyone, and by whom. Text and file are gone. */
  revoked?: { by: string };
  viewOnce: boolean;
  /** How often it was forwarded; 0 for not. */
  forwarded: number;
  starred: boolean;
  /** Kept although the chat's messages vanish. */
  kept: boolean;
  expiresAt?: number;
  /** For own messages. */
  ticks?: Ticks;
  /** For own messages: who has it, and who has read it. */
  deliveredTo?: string[];
  readBy?: string[];
  /** For messages of a newsletter: how often it was seen. */
  views?: number;
  at: number;
}

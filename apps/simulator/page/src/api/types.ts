/** What the control interface answers, as far as this page shows it. `/openapi.json` describes all of it. */
export interface Device {
  device: number;
  name?: string;
  isConnected: boolean;
  waiting: number;
}

export interface Habits {
  echo?: { prefix: string };
  reply?: { text: string; afterMs: number };
  read?: { afterMs: number };
}

export interface Person {
  number: string;
  lid: string;
  name: string;
  addressing: 'lid' | 'pn';
  isOnline: boolean;
  habits: Habits;
  lastIndex: number;
  unread?: number;
  devices: Device[];
}

export interface WaitingClient {
  id: number;
  name: string;
  since: number;
  number?: string;
  label?: string;
  shown: boolean;
}

export type ChatKind = 'direct' | 'group' | 'newsletter' | 'status';
export type Ticks = 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';

export interface ChatSummary {
  id: string;
  kind: ChatKind;
  title: string;
  unread: number;
  disappearingSeconds?: number;
  pinned: string[];
  readOnly: boolean;
  lastMessage?: ChatMessage;
}

export interface Chat extends ChatSummary {
  messages: ChatMessage[];
}

export interface Media {
  kind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  mimetype: string;
  fileLength: number;
  fileName?: string;
  seconds?: number;
  width?: number;
  height?: number;
  voice?: boolean;
  thumbnail?: string;
}

export interface ChatMessage {
  index: number;
  id: string;
  sender: string;
  senderName: string;
  fromMe: boolean;
  kind: string;
  text?: string;
  media?: Media;
  quoted?: { id: string; sender?: string; text?: string; kind?: string };
  mentions?: string[];
  location?: { latitude: number; longitude: number; name?: string; address?: string; live: boolean };
  contacts?: string[];
  poll?: { question: string; selectable: number; options: { name: string; voters: string[] }[] };
  event?: {
    name: string;
    description?: string;
    startsAt: number;
    canceled: boolean;
    going: string[];
    notGoing: string[];
    maybe: string[];
  };
  choices?: { kind: 'buttons' | 'list' | 'template' | 'reply'; options: { id: string; text: string }[] };
  invite?: { group: string; name?: string; code: string; expiresAt: number };
  reactions: { emoji: string; senders: string[] }[];
  edited: boolean;
  revoked?: { by: string };
  viewOnce: boolean;
  forwarded: number;
  starred: boolean;
  kept: boolean;
  expiresAt?: number;
  ticks?: Ticks;
  deliveredTo?: string[];
  readBy?: string[];
  at: number;
}

export interface Typing {
  index: number;
  from: string;
  state: 'composing' | 'recording' | 'paused';
  at: number;
}

export interface Stanza {
  sequence: number;
  at: number;
  direction: 'in' | 'out';
  who: string;
  tag: string;
  attrs: Record<string, string>;
  content: string[];
}

export interface Problem {
  kind: string;
  who: string;
  detail: string;
  at: number;
}

export interface Group {
  jid: string;
  subject: string;
  description?: string;
  members: { number: string; name: string; role: 'superadmin' | 'admin' | 'member' }[];
  announce: boolean;
  isCommunity: boolean;
}

interface Countdown {
  count: number;
  code: number;
}

/** The faults of one account that last. */
export interface FaultState {
  dropAcks: number;
  ackDelayMs: number;
  nack: Countdown;
  loginFailure: Countdown;
  queryRefusal: Countdown;
  loseReceipts: number;
  omitOfflineMarkers: number;
  corruptMessages: number;
  /** How many kinds of stanza are dropped, delayed, doubled or reordered. */
  disturbances: number;
  restricted: boolean;
}

export interface StanzaDetail extends Stanza {
  /** As text that looks like XML; long contents are cut. */
  xml: string;
  /** What the phone at one end decrypted from it. */
  decrypted?: { by: string; kind: string; text?: string };
}

export interface NetworkState {
  clock: { now: number; driven: boolean };
  seed: string;
  people: number;
  connected: number;
  waiting: number;
  problems: number;
}

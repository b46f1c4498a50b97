import type { Readable } from 'node:stream';
import type { MediaFacts, MediaKind, MessageContent } from '#contracts';
import type { Address } from './address.js';

/** The kinds that an engine can send. */
export type SendableContent = Extract<MessageContent, { kind: 'text' | MediaKind }>;

/** What can be sent, with the way to the bytes of its media. */
export interface OutgoingContent {
  content: SendableContent;
  /** Opens the media's bytes from the start; called again for a repeat. Absent for text. */
  openMedia?: () => Promise<Readable>;
  /** The message to quote, when it is known. */
  quoted?: QuotedMessage;
}

/** A message that was sent, as its row has it. */
export interface SentMessage {
  content: SendableContent;
  quoted?: QuotedMessage;
}

export interface QuotedMessage {
  waMessageId: string;
  fromMe: boolean;
  author: Address;
  content: MessageContent;
}

/** A message that arrived, or that was sent from the phone, in our words. */
export interface InboundMessage {
  /** The journal entry that it came from; null when there is none (what could not be decrypted). */
  journalId: string | null;
  waMessageId: string;
  fromMe: boolean;
  /** The other party of the chat, in every form that the stanza told. */
  chat: Address;
  pushName: string | null;
  /** By WhatsApp's clock. */
  sentAt: Date;
  content: MessageContent;
  quotedWaMessageId: string | null;
  /** For media: an opaque token for `MediaAbility.download`. It contains keys: store it sealed. */
  download: Uint8Array | null;
}

/** A receipt for messages that we sent, from the other party's devices folded to the person. */
export interface ReceiptFact {
  waMessageIds: string[];
  chat: Address;
  state: 'delivered' | 'read' | 'played';
  at: Date;
}

/** Messages of others that the account's owner read on the phone or another device. */
export interface ReadElsewhereFact {
  waMessageIds: string[];
  chat: Address;
  at: Date;
}

export interface TypingFact {
  chat: Address;
  state: 'composing' | 'recording' | 'paused';
}

export type { MediaFacts };

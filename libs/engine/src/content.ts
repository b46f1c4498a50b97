import type { Readable } from 'node:stream';
import type { MediaFacts, MessageAction, MessageContent } from '#contracts';
import type { Address } from './address.js';
import type { ChatAddress } from './chat-address.js';

/** The kinds that an engine can be asked to send. */
export type SendableContent = Exclude<MessageContent, { kind: 'unsupported' | 'undecryptable' | 'choice' | 'album' }>;

/** What can be sent, with the way to the bytes of its media. */
export interface OutgoingContent {
  content: SendableContent;
  /**
   * Opens the bytes of a media file from the start; called again for a repeat. Absent for content without media. The
   * name is the file's `mediaId`, as a carousel has several.
   */
  openMedia?: (mediaId: string | null) => Promise<Readable>;
  /**
   * Of media that is passed on: the `download` token of the message that it came with. WhatsApp is then told where it has
   * the file already; should it be gone, the bytes are uploaded.
   */
  download?: Uint8Array;
  /** The message to quote, when it is known. */
  quoted?: QuotedMessage;
}

/** How one message is sent. */
export interface SendOptions {
  /** The WhatsApp id, chosen by the caller before: a repeat under the same id is the same message. */
  waMessageId: string;
  /** For a status: who may see it. */
  audience?: Address[];
}

/** A message that was sent, as its row has it. */
export interface SentMessage {
  content: SendableContent;
  quoted?: QuotedMessage;
}

/** Which message is meant, within its chat. */
export interface MessageTarget {
  waMessageId: string;
  fromMe: boolean;
  /** Who wrote it; in a chat of two it may be left out. */
  author: Address | null;
  /** Of a post: its place in the newsletter. */
  serverId?: string;
}

export interface QuotedMessage extends MessageTarget {
  author: Address;
  content: MessageContent;
  /** It was shown as a status, not said in the chat of the answer. */
  isStatus?: true;
}

/** What votes, answers and edits of a message are sealed with, and what is needed to read them. */
export interface MessageSecret {
  secret: Uint8Array;
  author: Address | null;
  content: MessageContent;
}

/** What somebody wants done to a message that is there already. */
export interface OutgoingAction {
  action: MessageAction;
  target: MessageTarget;
  /** What the target says: a vote needs the options of its poll, an edit of a caption the kind of its media. */
  targetContent?: MessageContent;
}

interface FromStanza {
  /** The journal entry that it came from; null when there is none (what could not be decrypted). */
  journalId: string | null;
  waMessageId: string;
  fromMe: boolean;
  /** The chat, in every form that the stanza told. */
  chat: ChatAddress;
  /** Who wrote it. Null only for newsletters, whose posts have no author. In a chat of two the other party, or us. */
  author: Address | null;
  pushName: string | null;
  /** By WhatsApp's clock. */
  sentAt: Date;
  /** The place of a post in its newsletter, by which reactions and views name it. */
  serverId?: string;
  /** True for what came with the history of the phone: it is old and was never unread here. */
  isHistory?: true;
}

/** A message that arrived, or that was sent from the phone, in our words. */
export interface InboundMessage extends FromStanza {
  type: 'message';
  content: MessageContent;
  quotedWaMessageId: string | null;
  /** For media: an opaque token for `Connection.download`. It contains keys: store it sealed. */
  download: Uint8Array | null;
  /** What later votes, answers and edits of this message are encrypted with; store it sealed. */
  secret: Uint8Array | null;
}

/** Something that was done to a message. Comes like a message and is journalled like one. */
export interface InboundAction extends FromStanza {
  type: 'action';
  target: MessageTarget;
  action: MessageAction;
}

/** What a decrypted stanza says. */
export type InboundFact = InboundMessage | InboundAction;

/** A receipt for messages that we sent, from a person's devices folded to the person. */
export interface ReceiptFact {
  waMessageIds: string[];
  chat: ChatAddress;
  /** Who got or read it; in a chat of two the other party. */
  by: Address;
  state: 'delivered' | 'read' | 'played';
  at: Date;
}

/** Messages of others that the account's owner read on the phone or another device. */
export interface ReadElsewhereFact {
  waMessageIds: string[];
  chat: ChatAddress;
  at: Date;
}

export interface TypingFact {
  chat: ChatAddress;
  /** Who types; in a chat of two the other party. */
  by: Address;
  state: 'composing' | 'recording' | 'paused';
}

export type { MediaFacts };

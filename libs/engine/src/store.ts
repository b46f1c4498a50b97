import type { AccountFact } from './account-fact.js';
import type { Address } from './address.js';
import type { ChatAddress } from './chat-address.js';
import type {
  InboundFact,
  MessageSecret,
  MessageTarget,
  ReadElsewhereFact,
  ReceiptFact,
  SentMessage,
  TypingFact,
} from './content.js';
import type { PresenceFact } from './facts/people-facts.js';
import type { GroupRoster } from './group-roster.js';

/** An inbound message that was decrypted: committed with the ratchet that decrypted it, before WhatsApp is told. */
export interface JournalEntry {
  /** from | participant | WhatsApp id | enc index | retry count of the stanza. */
  id: string;
  waMessageId: string;
  /** Stanza attributes and plaintext as the adapter wrote them; opaque to others, secret. */
  bytes: Uint8Array;
}

/** What one library commit changes. Everything in it is written in one database transaction. */
export interface StoreCommit {
  credentials?: Uint8Array;
  /** Values by type and key id; null deletes. */
  keys?: Record<string, Record<string, Uint8Array | null>>;
  journal?: JournalEntry[];
}

/**
 * What the engine needs kept for one profile. The implementation is bound to a lease: every write is guarded by its
 * epoch and throws `LeaseLost` when the profile has another owner. Reads that fail throw; they never answer "nothing".
 */
export interface ProfileStore {
  loadCredentials(): Promise<Uint8Array | null>;
  getKeys(type: string, ids: string[]): Promise<Map<string, Uint8Array>>;
  /** Resolves after the commit. The same change may come again when an answer was lost: writing it twice is harmless. */
  commit(change: StoreCommit): Promise<void>;
  findJournal(id: string): Promise<JournalEntry | null>;
  /** Entries whose message has not been recorded yet, oldest first, at most `limit`. */
  listUnrecorded(limit: number): Promise<JournalEntry[]>;
  /** Deletes credentials, keys and journal for a new link. Only called when a person asked for it. */
  reset(): Promise<void>;
  /** The protobuf that was sent under this id, for retry requests and repeats; null when it is unknown. */
  findSent(waMessageId: string): Promise<Uint8Array | null>;
  /**
   * Keeps what is about to be sent, where it cannot be rebuilt from the message row (media: keys of the upload). With the
   * secret of a poll or event, which answers are sealed with: `findSecret` tells it for as long as the message is there.
   */
  keepSent(waMessageId: string, proto: Uint8Array, secret: Uint8Array | null): Promise<void>;
  /** What answers to a message are sealed with, of one that was received (`InboundMessage.secret`) or sent; else null. */
  findSecret(chat: ChatAddress, target: MessageTarget): Promise<MessageSecret | null>;
  /** What WhatsApp answered to an upload under this name, while it may be named again; null when there is none. */
  findUpload(name: string): Promise<Uint8Array | null>;
  /** Keeps such an answer. It holds the key of the file: store it sealed. */
  keepUpload(name: string, upload: Uint8Array, expiresAt: Date): Promise<void>;
  /** What was asked to be sent under this id, from the message row: text is rebuilt from it for retry requests. */
  findSentContent(waMessageId: string): Promise<SentMessage | null>;
  /** The members of a group as the stored facts have them; null when they are not all known, or we are none of them. */
  findGroupRoster(groupId: string): Promise<GroupRoster | null>;
}

/** The profile belongs to another host now. The holder must stop its socket at once and write nothing more. */
export class LeaseLost extends Error {
  constructor(readonly profileId: string) {
    super(`The lease of profile ${profileId} was lost.`);
    this.name = 'LeaseLost';
  }
}

/** Facts from WhatsApp on their way to the database. Each call resolves after its commit and may be repeated. */
export interface InboundSink {
  /** Stores messages and what was done to messages, in their order; also marks their journal entries (`journalId`) recorded, in the same transaction. */
  messages(facts: InboundFact[]): Promise<void>;
  /** Marks journal entries that carry no message of their own (protocol messages) as dealt with. */
  settled(journalIds: string[]): Promise<void>;
  receipts(facts: ReceiptFact[]): Promise<void>;
  readElsewhere(facts: ReadElsewhereFact[]): Promise<void>;
  typing(fact: TypingFact): Promise<void>;
  /** Somebody came or went. Not stored: an event at most. */
  presence(fact: PresenceFact): Promise<void>;
  /** Stores what became known about the account, its chats, groups and people, in order. */
  account(facts: AccountFact[]): Promise<void>;
  /** Both forms of users' addresses became known together. */
  identity(addresses: Address[]): Promise<void>;
}

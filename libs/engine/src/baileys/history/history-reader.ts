import { pipeline, Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import type { Dispatcher } from 'undici';
import type { AccountFact } from '../../account-fact.js';
import { type Address, parseJid } from '../../address.js';
import type { InboundFact } from '../../content.js';
import { EngineError } from '../../engine.js';
import type { HistoryWish } from '../../listening.js';
import type { InboundSink } from '../../store.js';
import type { AccountFacts } from '../account-facts.js';
import type { AddressBook } from '../address-book.js';
import type { EngineLogger } from '../baileys-logger.js';
import type { HistoryNotice } from '../inbound-translation.js';
import type { Me } from '../journal.js';
import type { KeyTransactions } from '../key-transactions.js';
import { downloadFile } from '../media-download.js';
import type { Persistence } from '../persistence.js';
import { conversationFacts, conversationPair, historyMessages } from './conversation-facts.js';
import { protoFields } from './proto-fields.js';

const { HistorySyncType } = proto.HistorySync;

/** Numbers of the fields of `HistorySync` that are read. */
const fields = { conversations: 2, pushnames: 7, phoneNumberToLidMappings: 15 };

/** Most that goes to the sink at once. */
const batchSize = 200;

export interface HistoryParts {
  sink: InboundSink;
  facts: Pick<AccountFacts, 'tell'>;
  auth: { readonly me: Me; readonly keys: Pick<KeyTransactions, 'set'> };
  book: AddressBook;
  downloads: Dispatcher;
  persistence: Persistence;
  logger: EngineLogger;
  wish: HistoryWish;
}

/**
 * Takes in the history that the phone sends after linking, in parts, one after the other. A part is streamed: neither it
 * nor all its messages are in memory at once, and the next ones wait until the sink has taken the last. Its journal entry
 * is settled when all of it is stored: a part that a crash cut off is read again from its beginning, and what was stored
 * of it already is known by its ids. WhatsApp is told earlier that it came (the library does so before it looks inside);
 * the file stays at the media host for as long as others.
 */
export class HistoryReader {
  private readonly waiting = new Map<string, HistoryNotice>();
  private running: Promise<void> | null = null;

  constructor(private readonly parts: HistoryParts) {}

  add(notice: HistoryNotice): void {
    this.waiting.set(notice.journalId, notice);
    this.running ??= this.drain().finally(() => {
      this.running = null;
    });
  }

  /** Resolves when everything that was added is through, or the connection has ended. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    const { persistence, sink, logger } = this.parts;
    for (const [journalId, notice] of this.waiting) {
      if (isWanted(notice.notification, this.parts.wish)) {
        for (let failures = 0; !persistence.hasEnded; failures += 1) {
          try {
            await this.takeIn(notice.notification);
            break;
          } catch (error) {
            if (isHopeless(error, failures)) {
              logger.warn({ err: error }, 'a part of the history could not be read and is left out');
              break;
            }
            await persistence.pause(failures);
          }
        }
      }
      if (persistence.hasEnded) return;
      await persistence.insist('settling a part of the history', () => sink.settled([journalId]));
      this.waiting.delete(journalId);
    }
  }

  private async takeIn(notification: proto.Message.IHistorySyncNotification): Promise<void> {
    const hasMessages = givesMessages(notification.syncType, this.parts.wish);
    const batch = new Batch((facts, messages, pairs) => this.hand(facts, messages, pairs));
    const at = new Date();
    for await (const { field, value } of protoFields(await this.opened(notification))) {
      if (typeof value === 'number') continue;
      if (field === fields.conversations) {
        const conversation = proto.Conversation.decode(value);
        batch.pairs.push(...[conversationPair(conversation)].filter((pair) => pair !== null));
        batch.facts.push(...conversationFacts(conversation, at));
        for (const { message } of hasMessages ? (conversation.messages ?? []) : []) {
          if (message) batch.messages.push(...historyMessages(message, this.parts.auth.me));
          await batch.handFull();
        }
      } else if (field === fields.pushnames) {
        const { id, pushname } = proto.Pushname.decode(value);
        const person = parseJid(id);
        if (person && pushname) {
          batch.facts.push({ type: 'person_named', person, names: { push: pushname }, at, source: 'history' });
        }
      } else if (field === fields.phoneNumberToLidMappings) {
        const { pnJid, lidJid } = proto.PhoneNumberToLIDMapping.decode(value);
        const phone = parseJid(pnJid)?.phone;
        const lid = parseJid(lidJid)?.lid;
        if (phone && lid) batch.pairs.push({ phone, lid });
      }
      await batch.handFull();
    }
    await batch.handAll();
  }

  private async hand(facts: AccountFact[], messages: InboundFact[], pairs: Address[]): Promise<void> {
    const { auth, book, facts: told, persistence, sink } = this.parts;
    if (pairs.length > 0) await auth.keys.set({ 'lid-mapping': mappings(pairs) });
    if (facts.length > 0) await persistence.insist('recording the history', () => told.tell(facts));
    if (messages.length === 0) return;
    const known: InboundFact[] = [];
    for (const fact of messages) {
      const chat = await book.completeChat(fact.chat);
      known.push({ ...fact, chat, author: fact.author && (await book.complete(fact.author)) });
    }
    await persistence.insist('recording the history', () => sink.messages(known));
    if (persistence.hasEnded) throw new Error('the connection has ended');
  }

  private async opened(notification: proto.Message.IHistorySyncNotification): Promise<AsyncIterable<Buffer>> {
    const { initialHistBootstrapInlinePayload: inline } = notification;
    const packed = inline?.length ? Readable.from([inline]) : await this.downloaded(notification);
    const plain = createInflate();
    // A failure of either is an error of the stream that is read.
    pipeline(packed, plain, () => undefined);
    return plain;
  }

  private downloaded(notification: proto.Message.IHistorySyncNotification): Promise<Readable> {
    const { directPath, mediaKey, fileSha256, fileEncSha256 } = notification;
    const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
    const recipe = {
      kind: 'md-msg-hist' as const,
      url: null,
      directPath: directPath ?? null,
      mediaKey: base64(mediaKey),
      sha256: base64(fileSha256),
      encryptedSha256: base64(fileEncSha256),
    };
    return downloadFile(recipe, this.parts.downloads);
  }
}

/** What was read and not handed over yet. */
class Batch {
  facts: AccountFact[] = [];
  messages: InboundFact[] = [];
  pairs: Address[] = [];

  constructor(
    private readonly hand: (facts: AccountFact[], messages: InboundFact[], pairs: Address[]) => Promise<void>,
  ) {}

  async handFull(): Promise<void> {
    const fullest = Math.max(this.facts.length, this.messages.length, this.pairs.length);
    if (fullest >= batchSize) await this.handAll();
  }

  async handAll(): Promise<void> {
    const { facts, messages, pairs } = this;
    this.facts = [];
    this.messages = [];
    this.pairs = [];
    await this.hand(facts, messages, pairs);
  }
}

type SyncType = proto.HistorySync.HistorySyncType | proto.Message.HistorySyncType | null | undefined;

/** Names, addresses and the state of chats are always wanted; parts that are only messages are by wish. */
function isWanted({ syncType }: proto.Message.IHistorySyncNotification, wish: HistoryWish): boolean {
  const named = syncType === HistorySyncType.INITIAL_BOOTSTRAP || syncType === HistorySyncType.PUSH_NAME;
  return named || givesMessages(syncType, wish);
}

function givesMessages(type: SyncType, wish: HistoryWish): boolean {
  if (type === HistorySyncType.ON_DEMAND) return true;
  if (wish === 'none') return false;
  const recent = type === HistorySyncType.INITIAL_BOOTSTRAP || type === HistorySyncType.RECENT;
  return recent || (wish === 'full' && type === HistorySyncType.FULL);
}

/** Attempts at a part that fails for no reason of the network: it is damaged, and stays so. */
const hopelessAfter = 5;

function isHopeless(error: unknown, failures: number): boolean {
  if (error instanceof EngineError) return error.code !== 'media_unavailable' && failures >= 1;
  return failures >= hopelessAfter;
}

/** As the Signal layer keeps them. */
function mappings(pairs: Address[]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap(({ phone, lid }) => [
      [phone!, lid!],
      [`${lid}_reverse`, phone!],
    ]),
  );
}

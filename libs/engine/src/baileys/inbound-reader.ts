import type { AccountFact } from '../account-fact.js';
import type { ChatAddress } from '../chat-address.js';
import type { InboundFact, InboundMessage, MessageSecret, MessageTarget } from '../content.js';
import type { Listening } from '../listening.js';
import type { AddressBook } from './address-book.js';
import { isSame } from './content/message-key.js';
import { type HistoryNotice, type Translated, translateFailure, translateStanza } from './inbound-translation.js';
import type { DecryptedStanza } from './journal.js';
import { openAnswer, type SealedAnswer } from './sealed-answers.js';

/** A decrypted stanza; a message that has none because it could not be decrypted; or a damaged entry to be done with. */
export type Item = { stanza: DecryptedStanza; again?: true } | { message: InboundMessage } | { damaged: string };

export type StanzaItem = Extract<Item, { stanza: DecryptedStanza }>;

/** What items come to. */
export interface ReadItems {
  messages: InboundFact[];
  account: AccountFact[];
  history: HistoryNotice[];
  /** Journal ids of what says nothing that is stored. */
  settled: string[];
  /** Answers to messages that are not here. */
  late: { journalId: string; item: StanzaItem }[];
}

/** Where the secrets of stored messages are. */
export interface SecretSource {
  find(chat: ChatAddress, target: MessageTarget): Promise<MessageSecret | null>;
}

/** Reads stanzas in the order of their arrival, with every form of each address that is known here. */
export class InboundReader {
  constructor(
    private readonly book: AddressBook,
    private readonly secrets: SecretSource,
    private readonly listening: Pick<Listening, 'ownMessages' | 'media'> = {},
  ) {}

  async read(items: Item[]): Promise<ReadItems> {
    const result: ReadItems = { messages: [], account: [], history: [], settled: [], late: [] };
    for (const item of items) await this.readOne(item, result);
    return result;
  }

  private async readOne(item: Item, result: ReadItems): Promise<void> {
    const journalId = journalIdOf(item);
    let isLate = false;
    let saysSomething = false;
    for (const translated of translate(item)) {
      if (translated.type === 'history') {
        result.history.push(translated);
        saysSomething = true;
      } else if (translated.type === 'account') {
        result.account.push(translated.fact);
      } else {
        const known = await this.known(translated);
        const fact = known.type === 'sealed' ? await this.opened(known, result.messages) : known;
        if (fact === 'late') isLate = true;
        else if (fact && this.isWanted(fact)) {
          result.messages.push(this.listening.media === false ? withoutFile(fact) : fact);
          saysSomething = true;
        }
      }
    }
    if (!journalId || saysSomething) return;
    if (isLate && 'stanza' in item) result.late.push({ journalId, item });
    else result.settled.push(journalId);
  }

  /** Null when it cannot be read at all; `late` when the message that it answers is not here yet. */
  private async opened(answer: SealedAnswer, before: InboundFact[]): Promise<InboundFact | null | 'late'> {
    const secret = inBatch(answer.target, before) ?? (await this.secrets.find(answer.chat, answer.target));
    return secret ? openAnswer(answer, secret) : 'late';
  }

  private isWanted({ fromMe, chat }: InboundFact): boolean {
    return !(this.listening.ownMessages === false && fromMe && chat.kind !== 'newsletter');
  }

  private async known<T extends InboundFact | SealedAnswer>(fact: T): Promise<T> {
    const complete = async (address: T['author']) => address && (await this.book.complete(address));
    const chat = await this.book.completeChat(fact.chat);
    const known = { ...fact, chat, author: await complete(fact.author) };
    if (known.type === 'message') return known;
    return { ...known, target: { ...known.target, author: await complete(known.target.author) } };
  }
}

/** A message that came just before the answer is not stored yet. */
function inBatch(target: MessageTarget, before: InboundFact[]): MessageSecret | null {
  const found = before.find(
    (fact): fact is InboundMessage =>
      fact.type === 'message' &&
      fact.secret !== null &&
      fact.waMessageId === target.waMessageId &&
      (fact.fromMe === target.fromMe || isSame(fact.author, target.author)),
  );
  return found ? { secret: found.secret!, author: found.author, content: found.content } : null;
}

const withoutFile = (fact: InboundFact): InboundFact =>
  fact.type === 'message' && fact.download ? { ...fact, download: null } : fact;

function journalIdOf(item: Item): string | null {
  if ('message' in item) return null;
  return 'stanza' in item ? item.stanza.journalId : item.damaged;
}

function translate(item: Item): Translated[] {
  if ('message' in item) return [item.message];
  return 'stanza' in item ? translateOrKeep(item.stanza) : [];
}

/** What cannot be translated is kept as such, not dropped. */
function translateOrKeep(stanza: DecryptedStanza): Translated[] {
  try {
    return translateStanza(stanza);
  } catch (error) {
    const reason = `unreadable content: ${error instanceof Error ? error.message : String(error)}`;
    const message = translateFailure(stanza.attrs, stanza.me, reason);
    return message ? [{ ...message, journalId: stanza.journalId }] : [];
  }
}

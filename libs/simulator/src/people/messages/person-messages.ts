import { randomBytes } from 'node:crypto';
import { proto, type WireMessage } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import { secretOf } from '../chats/answers.js';
import type { Chats } from '../chats/chats.js';
import { contextOf } from '../chats/rendering.js';
import { pollOf, unwrap } from '../content.js';
import { optionHash, sealPayload } from '../secret-payload.js';
import type { MessageNaming, MessageReference } from './message-key.js';

const SECRET_BYTES = 32;
const IV_BYTES = 12;
const RESPONSE = { going: 1, 'not-going': 2, maybe: 3 } as const;

export interface PollWish {
  question: string;
  options: string[];
  /** How many one may choose; default 1, 0 for any number. */
  selectable?: number;
}

export interface EventWish {
  name: string;
  /** Milliseconds since 1970. */
  startsAt: number;
  endsAt?: number;
  description?: string;
  location?: { latitude: number; longitude: number; name?: string };
}

/** The person who writes, as far as messages need them. */
export interface Writer {
  readonly account: Account;
  readonly chats: Chats;
  send(to: string, message: WireMessage): Promise<string>;
}

/** What changes, answers or passes on messages: edits, deletions, pins, polls, events. Resolves with the id of the message. */
export class PersonMessages {
  constructor(
    private readonly writer: Writer,
    private readonly naming: MessageNaming,
  ) {}

  /** Changes the text of an own message. */
  edit(chat: string, id: string, text: string): Promise<string> {
    const key = this.naming.keyOf({ chat, id, from: this.me });
    const protocolMessage = {
      key,
      type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
      editedMessage: { conversation: text },
      timestampMs: this.now(),
    };
    // Phones wrap it (whatsmeow, send.go, `BuildEdit`); newsletters take it bare.
    const bare = { protocolMessage };
    return this.writer.send(chat, chat.endsWith('@newsletter') ? bare : { editedMessage: { message: bare } });
  }

  /** Deletes a message for everyone: an own one, or as an admin that of somebody else. */
  revoke(message: MessageReference): Promise<string> {
    const type = proto.Message.ProtocolMessage.Type.REVOKE;
    return this.writer.send(message.chat, { protocolMessage: { key: this.naming.keyOf(message), type } });
  }

  /** Pins a message for everybody in the chat, for so many seconds. */
  pin(message: MessageReference, seconds = 7 * 86_400): Promise<string> {
    return this.setPin(message, proto.Message.PinInChatMessage.Type.PIN_FOR_ALL, seconds);
  }

  unpin(message: MessageReference): Promise<string> {
    return this.setPin(message, proto.Message.PinInChatMessage.Type.UNPIN_FOR_ALL, 0);
  }

  /** Keeps a message of a chat whose messages vanish, or lets it vanish after all. */
  keep(message: MessageReference, kept = true): Promise<string> {
    const keepType = kept ? proto.KeepType.KEEP_FOR_ALL : proto.KeepType.UNDO_KEEP_FOR_ALL;
    const key = this.naming.keyOf(message);
    return this.writer.send(message.chat, { keepInChatMessage: { key, keepType, timestampMs: this.now() } });
  }

  /** Puts a star on a message, on this phone. */
  star({ chat, id }: MessageReference, starred = true): void {
    if (!this.writer.chats.star(chat, id, starred)) throw new Error(`there is no message ${id} in ${chat}`);
  }

  /** How long new messages of a chat with one person stay, in seconds; 0 for ever. For groups see `groups`. */
  setDisappearing(to: string, seconds: number): Promise<string> {
    const type = proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING;
    return this.writer.send(to, { protocolMessage: { type, ephemeralExpiration: seconds } });
  }

  // --- polls and events ----------------------------------------------------------------------------------------------

  poll(to: string, { question, options, selectable = 1 }: PollWish): Promise<string> {
    const poll = {
      name: question,
      selectableOptionsCount: selectable,
      options: options.map((optionName) => ({ optionName })),
    };
    // One choice travels as the third form, several as the first (Baileys, Utils/messages.js).
    const content = selectable === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll };
    return this.writer.send(to, { ...content, messageContextInfo: { messageSecret: randomBytes(SECRET_BYTES) } });
  }

  /** Votes for these options; none takes the vote back. */
  vote(poll: MessageReference, options: readonly string[]): Promise<string> {
    const target = this.secretive(poll, 'poll');
    const known = (pollOf(unwrap(target.message))?.options ?? []).map(({ optionName }) => optionName);
    const unknown = options.find((option) => !known.includes(option));
    if (unknown !== undefined) throw new Error(`the poll has no option "${unknown}"`);
    const plain = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(optionHash) }).finish();
    const author = this.naming.addressIn(poll.chat, poll.from);
    const context = { messageId: poll.id, author, answerer: this.naming.addressIn(poll.chat, this.me) };
    const vote = sealPayload(plain, 'Poll Vote', target.secret, context, randomBytes(IV_BYTES));
    const pollUpdateMessage = { pollCreationMessageKey: this.naming.keyOf(poll), vote, senderTimestampMs: this.now() };
    return this.writer.send(poll.chat, { pollUpdateMessage });
  }

  event(to: string, wish: EventWish): Promise<string> {
    const { location } = wish;
    const eventMessage = {
      name: wish.name,
      description: wish.description,
      startTime: Math.floor(wish.startsAt / 1000),
      endTime: wish.endsAt === undefined ? undefined : Math.floor(wish.endsAt / 1000),
      isCanceled: false,
      location: location && {
        degreesLatitude: location.latitude,
        degreesLongitude: location.longitude,
        name: location.name,
      },
    };
    return this.writer.send(to, { eventMessage, messageContextInfo: { messageSecret: randomBytes(SECRET_BYTES) } });
  }

  /** Says whether one comes. */
  respond(event: MessageReference, response: keyof typeof RESPONSE): Promise<string> {
    const { secret } = this.secretive(event, 'event');
    const answer = { response: RESPONSE[response], timestampMs: this.now() };
    const plain = proto.Message.EventResponseMessage.encode(answer).finish();
    // The author by phone number, unlike in votes (Baileys, Utils/process-message.js, `eventCreatorPn`).
    const author = this.naming.account(event.from).address('pn');
    const context = { messageId: event.id, author, answerer: this.naming.addressIn(event.chat, this.me) };
    const sealed = sealPayload(plain, 'Event Response', secret, context, randomBytes(IV_BYTES));
    const eventCreationMessageKey = this.naming.keyOf(event);
    return this.writer.send(event.chat, { encEventResponseMessage: { eventCreationMessageKey, ...sealed } });
  }

  // --- passing on ----------------------------------------------------------------------------------------------------

  /** Passes a message on to another chat, marked as forwarded. */
  forward(message: MessageReference, to: string): Promise<string> {
    const content = this.contentOf(message);
    const { conversation, ...rest } = content;
    const forwarded = conversation ? { ...rest, extendedTextMessage: { text: conversation } } : rest;
    const forwardingScore = (contextOf(content)?.forwardingScore ?? 0) + 1;
    return this.writer.send(to, withContext(forwarded, { isForwarded: true, forwardingScore }));
  }

  private setPin(message: MessageReference, type: number, seconds: number): Promise<string> {
    return this.writer.send(message.chat, {
      pinInChatMessage: { key: this.naming.keyOf(message), type, senderTimestampMs: this.now() },
      messageContextInfo: { messageAddOnDurationInSecs: seconds },
    });
  }

  private secretive(reference: MessageReference, what: string): { message: WireMessage; secret: Uint8Array } {
    const message = this.writer.chats.find(reference.chat, reference.id, reference.from)?.message;
    const secret = secretOf(message);
    if (!message || !secret) throw new Error(`there is no ${what} ${reference.id} in ${reference.chat}`);
    return { message, secret };
  }

  private contentOf({ chat, id, from }: MessageReference): WireMessage {
    const message = this.writer.chats.find(chat, id, from)?.message;
    if (!message) throw new Error(`there is no message ${id} in ${chat}`);
    return unwrap(message);
  }

  private get me(): string {
    return this.writer.account.number;
  }

  private now(): number {
    return this.writer.account.world.clock.now();
  }
}

/** The message with something added to the context of its content. */
export function withContext(message: WireMessage, context: proto.IContextInfo): WireMessage {
  const { conversation, ...rest } = message;
  const whole: WireMessage = conversation ? { ...rest, extendedTextMessage: { text: conversation } } : rest;
  for (const [name, part] of Object.entries(whole)) {
    if (!part || name === 'messageContextInfo' || !name.endsWith('Message')) continue;
    const before = (part as { contextInfo?: proto.IContextInfo }).contextInfo ?? {};
    return { ...whole, [name]: { ...part, contextInfo: { ...before, ...context } } };
  }
  return whole;
}

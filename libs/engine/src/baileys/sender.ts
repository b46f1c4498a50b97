import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BinaryNode, proto, WASocket } from '@whiskeysockets/baileys';
import { whatsAppCapabilities } from '../capabilities.js';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import type { OutgoingAction, OutgoingContent, SendOptions } from '../content.js';
import { EngineError } from '../engine.js';
import { assertActable, assertSendable } from '../sendable.js';
import { type Acknowledgements, unknownOutcome } from './acks.js';
import { buildAction } from './content/action-proto.js';
import { stanzaExtras } from './content/stanza-extras.js';
import { type BuildParts, buildProto } from './content/to-proto.js';
import { StoreFailure } from './durable-store.js';
import { selfOf } from './envelope.js';
import type { Me } from './journal.js';
import type { MessageSecrets } from './message-secrets.js';
import type { Namings } from './namings.js';
import type { NewsletterPosts } from './newsletters/newsletter-posts.js';
import { type Recipients, statusJids } from './recipients.js';
import { isRebuilt, type SentMessages } from './sent-messages.js';

export interface SenderParts {
  /** The one that is open at the moment. @throws EngineError `not_connected` */
  openSocket(): WASocket;
  me(): Me;
  acks: Acknowledgements;
  sent: SentMessages;
  recipients: Recipients;
  namings: Namings;
  secrets: MessageSecrets;
  posts: NewsletterPosts;
  files: Pick<BuildParts, 'upload' | 'find'>;
}

/** Sends messages, and what is done to them, over the socket that is open at the moment. */
export class Sender {
  constructor(private readonly parts: SenderParts) {}

  /** See `Connection.send`. */
  send(to: ChatAddress, outgoing: OutgoingContent, options: SendOptions): Promise<{ acknowledgedAt: Date }> {
    const { waMessageId } = options;
    return this.deliver(to, options, async () => {
      assertSendable(outgoing.content, to, whatsAppCapabilities);
      assertAudience(to, options);
      if (to.kind === 'newsletter') return this.parts.posts.post(to, outgoing, waMessageId);
      return this.once(waMessageId, isRebuilt(outgoing, to), async () => {
        const name = await this.parts.namings.of(to);
        return buildProto(outgoing, { ...this.parts.files, name });
      });
    });
  }

  /** See `Connection.act`. */
  act(chat: ChatAddress, outgoing: OutgoingAction, options: SendOptions): Promise<{ acknowledgedAt: Date }> {
    return this.deliver(chat, options, async () => {
      assertActable(outgoing, chat, whatsAppCapabilities);
      assertAudience(chat, options);
      if (chat.kind === 'newsletter') return this.parts.posts.act(chat, outgoing, options.waMessageId);
      return this.once(options.waMessageId, false, async () => {
        const { namings, secrets, me } = this.parts;
        return buildAction(outgoing, {
          chat,
          self: selfOf(me()),
          name: await namings.of(chat),
          secret: () => secrets.find(chat, outgoing.target),
          now: Date.now(),
        });
      });
    });
  }

  /** What was built for this id before, or is built now and kept, unless it can be rebuilt from its row. */
  private async once(
    waMessageId: string,
    isRebuilt: boolean,
    build: () => Promise<proto.IMessage>,
  ): Promise<proto.IMessage> {
    const { sent } = this.parts;
    const earlier = isRebuilt ? undefined : await sent.earlierAttempt(waMessageId);
    if (earlier) return earlier;
    const message = await build();
    if (!isRebuilt) await sent.keep(waMessageId, message);
    return message;
  }

  private async deliver(
    to: ChatAddress,
    options: SendOptions,
    build: () => Promise<proto.IMessage | BinaryNode>,
  ): Promise<{ acknowledgedAt: Date }> {
    const { openSocket, recipients, sent } = this.parts;
    const { waMessageId } = options;
    let write: () => Promise<unknown>;
    let acknowledgedId = waMessageId;
    try {
      openSocket();
      const built = await build();
      if (isStanza(built)) {
        acknowledgedId = built.attrs.id!;
        const sock = openSocket();
        write = async () => sock.sendNode(built);
      } else {
        const attributes = await recipients.prepare(openSocket(), to, options.audience);
        sent.remember(waMessageId, built);
        const sock = openSocket();
        write = async () => relayed(sock, to, built, options, attributes);
      }
    } catch (error) {
      throw beforeTheWire(error);
    }
    const acknowledgedAt = await this.acknowledged(acknowledgedId, write);
    // Continuations of a busy profile are all microtasks: without a pause timers and sockets would starve.
    await nextTurn();
    return { acknowledgedAt };
  }

  /** `write` must not throw by itself: nobody would end the expectation, whose end of the connection then ends the process. */
  private async acknowledged(waMessageId: string, write: () => Promise<unknown>): Promise<Date> {
    const { acknowledged, wentOut, stop } = this.parts.acks.expect(waMessageId);
    const written = write().then(
      () => wentOut(),
      (error) => {
        // The server may have it: the stanza goes out before the ratchet is committed.
        throw unknownOutcome('send_interrupted', 'The message could not be sent completely.', error);
      },
    );
    try {
      // The acknowledgement may overtake the end of the call.
      return await Promise.race([acknowledged, written.then(() => acknowledged)]);
    } finally {
      written.then(stop, stop);
    }
  }
}

const isStanza = (built: proto.IMessage | BinaryNode): built is BinaryNode => 'tag' in built;

function relayed(
  sock: WASocket,
  to: ChatAddress,
  message: proto.IMessage,
  { waMessageId, audience }: SendOptions,
  attributes: Record<string, string>,
): Promise<string> {
  const { additionalAttributes, additionalNodes } = stanzaExtras(message);
  return sock.relayMessage(toChatJid(to), message, {
    messageId: waMessageId,
    additionalAttributes: { ...attributes, ...additionalAttributes },
    additionalNodes,
    ...(to.kind === 'status' ? { statusJidList: statusJids(audience ?? [], sock) } : {}),
  });
}

function assertAudience(to: ChatAddress, { audience }: SendOptions): void {
  if (to.kind !== 'status' || audience?.length) return;
  throw new EngineError('content_invalid', 'A status needs an audience: the people who may see it.', {
    retryable: false,
    outcome: 'not_sent',
  });
}

/** Nothing of this message has reached the server. */
function beforeTheWire(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof StoreFailure) return notConnected(error);
  return new EngineError('preparation_failed', 'The message could not be prepared for sending.', {
    retryable: true,
    outcome: 'not_sent',
    cause: error,
  });
}

export function notConnected(cause?: unknown): EngineError {
  return new EngineError('not_connected', 'The profile is not connected to WhatsApp.', {
    retryable: true,
    outcome: 'not_sent',
    cause,
  });
}

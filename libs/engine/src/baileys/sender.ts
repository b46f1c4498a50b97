import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageRelayOptions, proto, WASocket } from '@whiskeysockets/baileys';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import type { OutgoingContent } from '../content.js';
import { EngineError } from '../engine.js';
import { type Acknowledgements, unknownOutcome } from './acks.js';
import { buildProto } from './content/to-proto.js';
import { StoreFailure } from './durable-store.js';
import type { MediaUploads } from './media-uploads.js';
import type { Recipients } from './recipients.js';
import type { SentMessages } from './sent-messages.js';

/** Sends messages over the socket that is open at the moment. */
export class Sender {
  constructor(
    private readonly openSocket: () => WASocket,
    private readonly acks: Acknowledgements,
    private readonly sent: SentMessages,
    private readonly recipients: Recipients,
    private readonly uploads: MediaUploads,
  ) {}

  /** See `Connection.send`. */
  async send(to: ChatAddress, outgoing: OutgoingContent, waMessageId: string): Promise<{ acknowledgedAt: Date }> {
    const jid = toChatJid(to);
    let message: proto.IMessage;
    let attributes: Record<string, string>;
    try {
      message = await this.messageFor(outgoing, waMessageId);
      attributes = await this.recipients.prepare(this.openSocket(), jid);
    } catch (error) {
      throw beforeTheWire(error);
    }
    const sock = this.openSocket();
    this.sent.remember(waMessageId, message);
    const acknowledgedAt = await this.relay(sock, jid, message, { messageId: waMessageId, additionalAttributes: attributes });
    // Continuations of a busy profile are all microtasks: without a pause timers and sockets would starve.
    await nextTurn();
    return { acknowledgedAt };
  }

  private async messageFor(outgoing: OutgoingContent, waMessageId: string): Promise<proto.IMessage> {
    const hasMedia = outgoing.content.kind !== 'text';
    const earlier = hasMedia ? await this.sent.earlierAttempt(waMessageId) : undefined;
    if (earlier) return earlier;
    const message = await buildProto(outgoing, { uploads: this.uploads });
    if (hasMedia) await this.sent.keep(waMessageId, message);
    return message;
  }

  private async relay(
    sock: WASocket,
    jid: string,
    message: proto.IMessage,
    options: MessageRelayOptions & { messageId: string },
  ): Promise<Date> {
    const { acknowledged, wentOut, stop } = this.acks.expect(options.messageId);
    const relayed = sock.relayMessage(jid, message, options).then(
      () => wentOut(),
      (error) => {
        // The server may have it: the stanza goes out before the ratchet is committed.
        throw unknownOutcome('send_interrupted', 'The message could not be sent completely.', error);
      },
    );
    try {
      // The acknowledgement may overtake the end of the call.
      return await Promise.race([acknowledged, relayed.then(() => acknowledged)]);
    } finally {
      relayed.then(stop, stop);
    }
  }
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

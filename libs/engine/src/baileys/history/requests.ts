import { proto } from '@whiskeysockets/baileys';
import type { HistoryAbility, OldestKnown } from '../../abilities/history.js';
import { type ChatAddress, toChatJid } from '../../chat-address.js';
import type { MessageTarget } from '../../content.js';
import { EngineError } from '../../engine.js';
import { ask } from '../ask.js';
import { keyOf } from '../content/message-key.js';
import type { LiveSocket } from '../live-socket.js';
import type { Namings } from '../namings.js';

/** What phones give at once. */
const mostAtOnce = 500;

/** See `HistoryAbility`. */
export class BaileysHistory implements HistoryAbility {
  constructor(
    private readonly live: Pick<LiveSocket, 'socket'>,
    private readonly namings: Namings,
  ) {}

  async requestOlder(chat: ChatAddress, oldest: OldestKnown, count: number): Promise<string> {
    if (!Number.isInteger(count) || count < 1 || count > mostAtOnce) {
      throw new EngineError('content_invalid', `Phones give 1 to ${mostAtOnce} messages at once.`, {
        retryable: false,
        outcome: 'not_sent',
      });
    }
    const key = { remoteJid: toChatJid(chat), fromMe: oldest.fromMe, id: oldest.waMessageId };
    // Named "ms" in the protobuf, and in seconds on the wire (whatsmeow, send.go, `BuildHistorySyncRequest`).
    const seconds = Math.floor(oldest.sentAt.getTime() / 1000);
    return ask('asking for older messages', () => this.live.socket().fetchMessageHistory(count, key, seconds));
  }

  async requestAgain(chat: ChatAddress, message: MessageTarget): Promise<string> {
    const messageKey = keyOf(message, chat, await this.namings.of(chat));
    const request = {
      placeholderMessageResendRequest: [{ messageKey }],
      peerDataOperationRequestType: proto.Message.PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
    };
    return ask('asking for a message', () => this.live.socket().sendPeerDataOperationMessage(request));
  }
}

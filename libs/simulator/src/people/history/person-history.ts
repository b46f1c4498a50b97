import { deflateSync } from 'node:zlib';
import { proto, type WireMessage } from '../../baileys.js';
import type { MediaHost } from '../../media/host.js';
import type { Account } from '../../network/account.js';
import type { Companion } from '../../network/companion.js';
import type { Directory } from '../../network/directory.js';
import { Random } from '../../time/random.js';
import type { PersonSettings } from '../app-state/person-settings.js';
import type { Phone } from '../phone.js';
import type { PhoneTask } from '../phone-task.js';
import { writeChat } from './chat-writer.js';
import { drawnPicture } from './drawn-picture.js';
import { groupConversations } from './group-conversations.js';
import {
  type ChatState,
  type HistoryChunk,
  type HistorySource,
  historyChunks,
  onDemandChunk,
  webMessage,
} from './history-chunks.js';
import { type ArchivedChat, type ArchivedMessage, PhoneArchive, type SavedArchive } from './phone-archive.js';

/** A history that is this small when compressed travels inside its notification. */
const INLINE_BYTES = 64 * 1024;
/** A phone gives at most so many messages for one request. */
const MAX_ON_DEMAND = 500;

const { Type } = proto.Message.ProtocolMessage;
const { PeerDataOperationRequestType } = proto.Message;

/** What chats to make up. */
export interface HistoryPlan {
  /** People to have talked to, by number; made when they do not exist. */
  with: string[];
  /** How many messages in all; they are shared out unevenly, as in life. */
  messages: number;
  /** Over how many days; default 120. */
  days?: number;
  /** The same seed makes the same chats; by default the one of the simulation. */
  seed?: string | number;
}

/**
 * What the phone of an account remembers of its chats, and how companions get it: all at once after they are linked,
 * older parts when they ask, single messages when they could not read them.
 */
export class PersonHistory implements PhoneTask {
  readonly archive: PhoneArchive;
  /** Whether the phone answers requests of its companions. */
  answersRequests = true;
  private readonly account: Account;

  constructor(
    private readonly phone: Phone,
    private readonly directory: Directory,
    private readonly media: MediaHost,
    private readonly settings: PersonSettings,
    private readonly meet: (number: string) => Account,
  ) {
    this.account = phone.account;
    this.archive = new PhoneArchive(phone, directory);
  }

  /** Makes up chats from before the simulation began. Pictures in them lie on the media host. */
  async generate(plan: HistoryPlan): Promise<void> {
    const { world } = this.account;
    const days = plan.days ?? 120;
    const random =
      plan.seed === undefined ? world.random.fork(`history/${this.account.number}`) : new Random(plan.seed);
    const others = plan.with.map((number) => this.meet(number));
    const shares = others.map(() => random.next() ** 2 + 0.05);
    const total = shares.reduce((sum, share) => sum + share, 0);
    let left = plan.messages;
    for (const [index, other] of others.entries()) {
      const isLast = index === others.length - 1;
      const count = isLast
        ? left
        : Math.min(left, Math.max(1, Math.round((plan.messages * (shares[index] ?? 0)) / total)));
      left -= count;
      const chance = random.fork(`chat/${other.number}`);
      const until = world.clock.now() - chance.int(1, 48) * 3_600_000;
      const written = writeChat({ with: other, count, until, days }, chance);
      const messages: ArchivedMessage[] = [];
      for (const { picture, ...message } of written) {
        messages.push(picture ? { ...message, message: await this.withPicture(message.message, chance) } : message);
      }
      this.keep(other, messages, chance.chance(0.3) ? chance.int(1, 5) : 0);
      this.account.peers.add(other);
      other.peers.add(this.account);
    }
  }

  /** Adds one chat as it is given. */
  addChat(number: string, messages: ArchivedMessage[], unread = 0): void {
    this.keep(this.meet(number), messages, unread);
  }

  /** In the archive, and on the phone's screen. */
  private keep(other: Account, messages: ArchivedMessage[], unread: number): void {
    this.archive.add(other, messages, unread);
    const entries = [...messages]
      .sort((a, b) => a.at - b.at)
      .map(({ id, fromMe, message, at, status }) => {
        const sender = fromMe ? this.account.number : other.number;
        return { chat: other.number, id, sender, fromMe, message, at, read: status === 'read' };
      });
    this.phone.chats.fill(other.number, entries, unread);
  }

  /** Sends a newly linked companion all it is to know. */
  async sendAll(companion: Companion): Promise<void> {
    const chunks = historyChunks(this.source(companion.wantsFullHistory));
    const isEmpty = chunks[0]?.history.conversations?.length === 0;
    for (const chunk of isEmpty ? chunks.slice(0, 1) : chunks) await this.send(companion, chunk);
  }

  async takePeer(from: Companion, message: proto.IMessage, id: string): Promise<void> {
    const request = message.protocolMessage?.peerDataOperationRequestMessage;
    if (!request || !this.answersRequests) return;
    switch (request.peerDataOperationRequestType) {
      case PeerDataOperationRequestType.HISTORY_SYNC_ON_DEMAND:
        await this.sendOlder(from, request.historySyncOnDemandRequest ?? {}, id);
        break;
      case PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND:
        await this.resend(from, request.placeholderMessageResendRequest ?? [], id);
        break;
      case PeerDataOperationRequestType.FULL_HISTORY_SYNC_ON_DEMAND:
        for (const chunk of historyChunks(this.source(true))) await this.send(from, chunk, id);
        break;
      default:
        this.settings.sync.complain(`peer request of type ${request.peerDataOperationRequestType} is not supported`);
    }
  }

  snapshot(): SavedArchive {
    return this.archive.snapshot();
  }

  restore(saved: SavedArchive): void {
    this.archive.restore(saved);
  }

  private async sendOlder(
    to: Companion,
    request: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
    session: string,
  ): Promise<void> {
    const other = this.directory.accountAt(request.chatJid ?? undefined);
    const chat: ArchivedChat | undefined =
      other && (this.archive.chat(other) ?? { with: other, messages: [], unread: 0 });
    if (!chat) return;
    const { messages } = chat;
    const from = messages.findIndex(({ id }) => id === request.oldestMsgId);
    const before = Number(request.oldestMsgTimestampMs ?? 0);
    const older = from >= 0 ? messages.slice(0, from) : messages.filter(({ at }) => at < before);
    const count = Math.min(request.onDemandMsgCount ?? 50, MAX_ON_DEMAND);
    await this.send(to, onDemandChunk(this.source(false), chat, older.slice(-count)), session);
  }

  /** A companion shows a placeholder for a message it never could read: it gets the message from here. */
  private async resend(
    to: Companion,
    wanted: proto.Message.PeerDataOperationRequestMessage.IPlaceholderMessageResendRequest[],
    stanzaId: string,
  ): Promise<void> {
    const found = wanted.flatMap(({ messageKey }) => {
      const other = this.directory.accountAt(messageKey?.remoteJid ?? undefined);
      const message = other && this.archive.find(other, messageKey?.id ?? '');
      if (!message) return [];
      const info = webMessage(messageKey?.remoteJid ?? '', message);
      return [{ webMessageInfoBytes: proto.WebMessageInfo.encode(proto.WebMessageInfo.create(info)).finish() }];
    });
    await this.phone.sendPeer(to, {
      protocolMessage: {
        type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
        peerDataOperationRequestResponseMessage: {
          peerDataOperationRequestType: PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
          stanzaId,
          peerDataOperationResult: found.map((placeholderMessageResendResponse) => ({
            placeholderMessageResendResponse,
          })),
        },
      },
    });
  }

  /** Inside the notification when it is the first part and small; otherwise as a file of the media host. */
  private async send(to: Companion, chunk: HistoryChunk, session?: string): Promise<void> {
    const { type, order, progress, history, oldestAt } = chunk;
    const whole = { ...history, syncType: type, chunkOrder: order, progress };
    const packed = deflateSync(proto.HistorySync.encode(whole as proto.IHistorySync).finish());
    const isFirst = type === proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP;
    const notification: proto.Message.IHistorySyncNotification = {
      syncType: type as number,
      chunkOrder: order,
      progress,
      ...(oldestAt === undefined ? {} : { oldestMsgInChunkTimestampSec: Math.floor(oldestAt / 1000) }),
      ...(session ? { peerDataRequestSessionId: session } : {}),
      ...(isFirst && packed.length <= INLINE_BYTES
        ? { initialHistBootstrapInlinePayload: packed }
        : await this.upload(packed)),
    };
    await this.phone.sendPeer(to, {
      protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification: notification },
    });
  }

  private async upload(packed: Buffer): Promise<proto.Message.IHistorySyncNotification> {
    const { mediaKey, directPath, fileSha256, fileEncSha256, fileLength } = await this.media.upload(
      packed,
      'md-msg-hist',
    );
    return { mediaKey, directPath, fileSha256, fileEncSha256, fileLength };
  }

  private async withPicture(message: WireMessage, random: Random): Promise<WireMessage> {
    const { mediaKey, directPath, url, fileSha256, fileEncSha256, fileLength } = await this.media.upload(
      drawnPicture(random),
      'image',
    );
    const file = { mediaKey, directPath, url, fileSha256, fileEncSha256, fileLength };
    return { imageMessage: { ...message.imageMessage, ...file, mimetype: 'image/png', width: 100, height: 100 } };
  }

  private source(wantsAll: boolean): HistorySource {
    const names = new Map(this.settings.contacts.map(({ number, name }) => [number, name]));
    return {
      owner: this.account,
      chats: this.archive.chats(),
      groups: groupConversations(this.phone),
      wantsAll,
      now: this.account.world.clock.now(),
      stateOf: (chat) => this.stateOf(chat, names),
    };
  }

  private stateOf(chat: ArchivedChat, names: Map<string, string>): ChatState {
    const { number } = chat.with;
    const { archived, pinned, mutedUntil, markedUnread } = this.settings.chat(number);
    return {
      name: names.get(number),
      archived,
      markedUnread,
      ...(pinned ? { pinnedAt: this.account.world.clock.now() } : {}),
      ...(mutedUntil === undefined ? {} : { mutedUntil }),
    };
  }
}

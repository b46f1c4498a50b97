import {
  type BinaryNode,
  decodeMediaRetryNode,
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
  type WASocket,
} from '@whiskeysockets/baileys';
import { toJid } from '../address.js';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import type { MessageTarget } from '../content.js';
import { EngineError } from '../engine.js';
import { readDownloadToken, writeDownloadToken } from './content/media.js';
import type { LiveSocket, SocketListener } from './live-socket.js';

const { ResultType } = proto.MediaRetryNotification;

/** A phone that has the file answers within seconds, even if it has to be woken. */
const patienceMs = 20_000;

/**
 * Asks our phone for files that WhatsApp's media hosts no longer have: a `server-error` receipt to it, and its answer is
 * a `mediaretry` notification with the place of a new upload, encrypted with the key of the file (whatsmeow
 * `mediaretry.go`).
 */
export class MediaRenewals implements SocketListener {
  private readonly waiting = new Map<string, (answer: BinaryNode) => void>();

  constructor(private readonly live: Pick<LiveSocket, 'socket' | 'auth'>) {}

  attach(sock: WASocket): void {
    sock.ws.on('CB:notification,type:mediaretry', (node: BinaryNode) => this.waiting.get(node.attrs.id ?? '')?.(node));
  }

  /** See `Connection.renewMedia`. */
  async renew(token: Uint8Array, chat: ChatAddress, target: MessageTarget): Promise<Uint8Array> {
    const recipe = readDownloadToken(token);
    const mediaKey = Buffer.from(recipe.mediaKey, 'base64');
    const answer = await this.ask(target, encryptedRequest(mediaKey, chat, target, this.live.auth.me.id));
    return writeDownloadToken({ ...recipe, directPath: placeIn(answer, mediaKey, target.waMessageId) });
  }

  private async ask({ waMessageId }: MessageTarget, request: BinaryNode): Promise<BinaryNode> {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<BinaryNode>((resolve, reject) => {
      this.waiting.set(waMessageId, resolve);
      timer = setTimeout(() => reject(silent()), patienceMs);
    });
    // The socket may be gone before anybody waits for the answer.
    answered.catch(() => undefined);
    try {
      await this.live.socket().sendNode(request);
      return await answered;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(waMessageId);
    }
  }
}

function encryptedRequest(mediaKey: Buffer, chat: ChatAddress, target: MessageTarget, me: string): BinaryNode {
  const { waMessageId: id, fromMe, author } = target;
  const participant = chat.kind === 'user' || fromMe || !author ? undefined : toJid(author);
  const request = encryptMediaRetryRequest({ id, remoteJid: toChatJid(chat), fromMe, participant }, mediaKey, me);
  // The library writes the attribute also when there is nobody to name, which no stanza can carry.
  for (const node of request.content as BinaryNode[]) {
    if (node.attrs.participant === undefined) delete node.attrs.participant;
  }
  return request;
}

/** Where the phone put the file. @throws EngineError when it did not */
function placeIn(answer: BinaryNode, mediaKey: Buffer, waMessageId: string): string {
  const { media, error } = decodeMediaRetryNode(answer);
  if (!media) throw refused(Number((error?.data as { code?: string } | undefined)?.code));
  let told: proto.IMediaRetryNotification;
  try {
    told = decryptMediaRetryData(media, mediaKey, waMessageId);
  } catch (cause) {
    throw new EngineError('media_unavailable', 'The answer of the phone about a file cannot be read.', {
      retryable: true,
      outcome: 'not_sent',
      cause,
    });
  }
  if (told.result === ResultType.SUCCESS && told.directPath) return told.directPath;
  throw refused(told.result);
}

/** Codes of the answer are those of `MediaRetryNotification.ResultType`. */
function refused(result: number | null | undefined): EngineError {
  if (result === ResultType.NOT_FOUND) {
    const message = 'Neither WhatsApp nor the phone has this file any more. Ask the sender to send it again.';
    return new EngineError('media_expired', message, { retryable: false, outcome: 'not_sent' });
  }
  return new EngineError('media_unavailable', 'The phone could not upload this file again.', {
    retryable: true,
    outcome: 'not_sent',
  });
}

const silent = (): EngineError =>
  new EngineError('phone_silent', 'WhatsApp no longer has this file, and the phone did not answer. Is it online?', {
    retryable: true,
    outcome: 'not_sent',
  });

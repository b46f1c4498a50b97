import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type BinaryNode, jidDecode, proto, type WireMessage } from '../baileys.js';
import type { MediaHost } from '../media/host.js';
import type { Companion } from '../network/companion.js';
import { bytes, child, notification, stanza } from '../wire/stanza.js';
import { contentOf, type MediaReference } from './content.js';
import type { PhoneArchive } from './history/phone-archive.js';
import type { Phone } from './phone.js';
import type { PhoneTask } from './phone-task.js';

const { ResultType } = proto.MediaRetryNotification;
const TAG_BYTES = 16;

/** What a phone does when a companion asks for a file again. */
export type RetryAnswer = 'upload' | 'not-found' | 'error' | 'silence';

/**
 * The files of a phone: those of its messages, which it uploads again when a companion finds them gone from the media
 * host. Stanzas as in Baileys `encryptMediaRetryRequest`, `decodeMediaRetryNode` and whatsmeow `mediaretry.go`.
 */
export class PersonFiles implements PhoneTask {
  /** What the phone answers when it is asked for a file again. */
  answer: RetryAnswer = 'upload';

  constructor(
    private readonly phone: Phone,
    private readonly media: MediaHost,
    private readonly archive: PhoneArchive,
  ) {}

  /** Makes the file of a message expire at the media host, as after a month: fetching it is answered with 410. */
  expire(messageId: string): void {
    const file = this.fileOf(messageId);
    if (!file) throw new Error(`${this.phone.account.number} has no file of a message ${messageId}`);
    this.media.shelfLife.expire(file.directPath);
  }

  /** Makes the media host give out something else than what was uploaded for a message: altered, cut short, or nothing. */
  async damage(messageId: string, how: 'alter' | 'cut' | 'empty'): Promise<void> {
    const file = this.fileOf(messageId);
    const blob = file && (await this.media.files.get(file.directPath));
    if (!blob) throw new Error(`${this.phone.account.number} has no file of a message ${messageId}`);
    const left = { alter: blob.length, cut: Math.floor(blob.length / 2), empty: 0 }[how];
    const damaged = Buffer.from(blob.subarray(0, left));
    if (how === 'alter') damaged[Math.floor(blob.length / 2)]! ^= 1;
    await this.media.files.put(file.directPath, damaged);
  }

  async take(node: BinaryNode): Promise<void> {
    if (node.tag !== 'receipt' || node.attrs.type !== 'server-error' || this.answer === 'silence') return;
    const companion = this.phone.account.devices.get(jidDecode(node.attrs.from)?.device ?? 0);
    const id = node.attrs.id ?? '';
    if (!companion || companion.number === 0) return;
    await this.respond(companion as Companion, id, node);
  }

  private async respond(companion: Companion, id: string, request: BinaryNode): Promise<void> {
    const file = this.fileOf(id);
    const rmr = child(request, 'rmr') ?? stanza('rmr');
    const encrypted = child(request, 'encrypt');
    if (!file || this.answer === 'not-found') {
      this.send(companion, id, [stanza('error', { code: ResultType.NOT_FOUND }), rmr]);
      return;
    }
    const key = Buffer.from(
      hkdfSync('sha256', file.mediaKey, Buffer.alloc(0), 'WhatsApp Media Retry Notification', 32),
    );
    const asked = encrypted && opened(key, id, bytes(child(encrypted, 'enc_p')), bytes(child(encrypted, 'enc_iv')));
    const isOurs = asked && proto.ServerErrorReceipt.decode(asked).stanzaId === id;
    const result =
      this.answer === 'error' ? ResultType.GENERAL_ERROR : isOurs ? ResultType.SUCCESS : ResultType.DECRYPTION_ERROR;
    const directPath = result === ResultType.SUCCESS ? await this.media.renew(file.directPath) : undefined;
    const answer = proto.MediaRetryNotification.encode({ stanzaId: id, result, directPath }).finish();
    const iv = randomBytes(12);
    const content = [stanza('enc_p', {}, sealed(key, id, answer, iv)), stanza('enc_iv', {}, iv)];
    this.send(companion, id, [stanza('encrypt', {}, content), rmr]);
  }

  /** The id of the notification is that of the message: clients know by it what is answered. */
  private send(companion: Companion, id: string, content: BinaryNode[]): void {
    const node = notification('mediaretry', content, this.phone.account.address(this.phone.account.addressing));
    companion.deliver({ ...node, attrs: { ...node.attrs, id } });
  }

  private fileOf(id: string): MediaReference | undefined {
    const message = this.messageOf(id);
    return message && contentOf(message).media;
  }

  private messageOf(id: string): WireMessage | undefined {
    const received = this.phone.inbox.list().findLast((message) => message.id === id);
    if (received) return received.message;
    const sent = this.phone.sentMessages.get(id);
    if (sent) return sent.message;
    for (const { messages } of this.archive.chats()) {
      const found = messages.find((message) => message.id === id);
      if (found) return found.message;
    }
    return undefined;
  }
}

function sealed(key: Buffer, id: string, plain: Uint8Array, iv: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(id));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function opened(key: Buffer, id: string, blob: Buffer, iv: Buffer): Buffer | undefined {
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(Buffer.from(id));
    cipher.setAuthTag(blob.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(blob.subarray(0, -TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}

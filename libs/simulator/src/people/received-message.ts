import type { WireMessage } from '../baileys.js';
import { decryptMedia } from '../media/cipher.js';
import type { MediaStore } from '../media/store.js';
import { type Content, cardFiles, contentOf, type MediaReference } from './content.js';

/** A record of the inbox, as it travels over the control interface. */
export interface InboxRecord {
  /** Position in this inbox, from 1. */
  index: number;
  /** WhatsApp message id. */
  id: string;
  /** Phone number of the author. */
  from: string;
  /** Which of the author's devices sent it. */
  fromDevice: number;
  /** Phone number of the other side of the conversation. */
  chat: string;
  /** True for a copy of what the account's own companion sent. */
  fromMe: boolean;
  kind: Content['kind'];
  text?: string;
  refersTo?: string;
  media?: { kind: string; mimetype: string; fileName?: string; fileLength: number; ptt?: boolean };
  /** How many records of the same author and id came before: above 0 it is a harmless repeat. */
  repeat: number;
  /** Arrival in milliseconds since 1970. */
  at: number;
}

/** A message that a phone decrypted. */
export class ReceivedMessage {
  readonly content: Content;

  constructor(
    readonly record: Omit<InboxRecord, 'kind' | 'text' | 'refersTo' | 'media'>,
    /** The decrypted protocol buffer. */
    readonly message: WireMessage,
    private readonly files: MediaStore,
  ) {
    this.content = contentOf(message);
  }

  get index(): number {
    return this.record.index;
  }

  get id(): string {
    return this.record.id;
  }

  get from(): string {
    return this.record.from;
  }

  get chat(): string {
    return this.record.chat;
  }

  get fromMe(): boolean {
    return this.record.fromMe;
  }

  get kind(): Content['kind'] {
    return this.content.kind;
  }

  get text(): string | undefined {
    return this.content.text;
  }

  get repeat(): number {
    return this.record.repeat;
  }

  /** Fetches the file from the media host, checks its hashes and decrypts it. Rejects when it is gone or damaged. */
  downloadMedia(): Promise<Buffer> {
    return this.download(this.content.media);
  }

  /** As `downloadMedia`, of the picture or video of a card of a carousel, from 0. */
  downloadCard(card: number): Promise<Buffer> {
    return this.download(cardFiles(this.message)[card]);
  }

  toJSON(): InboxRecord {
    const { kind, text, refersTo, media } = this.content;
    return {
      ...this.record,
      kind,
      text,
      refersTo,
      media: media && {
        kind: media.kind,
        mimetype: media.mimetype,
        fileName: media.fileName,
        fileLength: media.fileLength,
        ptt: media.ptt,
      },
    };
  }

  private async download(media: MediaReference | undefined): Promise<Buffer> {
    if (!media) throw new Error(`message ${this.id} has no file`);
    const blob = await this.files.get(media.directPath);
    if (!blob) throw new Error(`the media host has no file at ${media.directPath}`);
    return decryptMedia(blob, media);
  }
}

import type { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import type { WASocket } from '@whiskeysockets/baileys';
import type { TransferSlots } from '../transfer-slots.js';
import type { DurableStore } from './durable-store.js';
import { MediaHosts } from './media-hosts.js';
import { type PlainMedia, type UploadedMedia, type UploadKind, uploadMedia, uploadPlain } from './media-upload.js';
import { MemoryCache } from './memory-cache.js';

type UploadWay = Parameters<typeof uploadMedia>[2];

const hourMs = 3_600_000;
/**
 * How long an uploaded file is named in further messages. WhatsApp keeps files for some weeks (its own clients forward
 * by naming the same file); the recipient of the last message should have most of that left.
 */
const reusedForMs = 24 * hourMs;
/** Time that a recipient is left to fetch the file, when the host says until when it keeps it. */
const leftToFetchMs = 7 * 24 * hourMs;

/** A file to send: its hash, and the way to its bytes. */
export interface MediaSource {
  /** Lower-case hex SHA-256 of the plain bytes; null when nobody knows it, then it is uploaded anew. */
  sha256: string | null;
  /** Of the plain file, where it is known: for the room that its upload takes. */
  sizeBytes?: number | null;
  /** Opens the bytes from the start; may be called several times. */
  open: () => Promise<Readable>;
}

/**
 * The uploads of one profile. A file that went to many people is uploaded once: what WhatsApp answered is kept in the
 * store, sealed because it holds the key of the file, and named again until its time is over. Whoever asks while an
 * upload is under way waits for that one.
 */
export class MediaUploads {
  private readonly hosts: MediaHosts;
  private readonly underWay = new Map<string, Promise<UploadedMedia>>();
  private readonly recent = new MemoryCache(50, hourMs);

  constructor(
    private readonly parts: {
      openSocket: () => Pick<WASocket, 'query'>;
      store: DurableStore;
      agent?: Agent;
      /** The uploads of all profiles together; they take turns. */
      slots: TransferSlots;
      profileId: string;
      /** Aborted when the connection ends. */
      signal: AbortSignal;
    },
  ) {
    this.hosts = new MediaHosts(parts.openSocket);
  }

  /** @throws EngineError as `uploadMedia` does */
  async upload(kind: UploadKind, source: MediaSource): Promise<UploadedMedia> {
    if (source.sha256 === null) return this.bring(kind, source);
    const name = `${kind}:${source.sha256}`;
    let upload = this.underWay.get(name);
    if (!upload) {
      upload = this.earlierOrNew(name, kind, source).finally(() => this.underWay.delete(name));
      this.underWay.set(name, upload);
    }
    return upload;
  }

  /** Of a newsletter's file, anew each time: posts are few. */
  uploadPlain(kind: UploadKind, { open, sizeBytes }: MediaSource): Promise<PlainMedia> {
    return this.inTurn(sizeBytes, (to) => uploadPlain(kind, open, to));
  }

  private async earlierOrNew(name: string, kind: UploadKind, source: MediaSource): Promise<UploadedMedia> {
    const known = this.recent.get<UploadedMedia>(name) ?? (await this.kept(name));
    if (known) return known;
    const uploaded = await this.bring(kind, source);
    const expiresAt = reusableUntil(uploaded.directPath, Date.now());
    if (expiresAt.getTime() > Date.now()) {
      await this.parts.store.run((store) => store.keepUpload(name, encoded(uploaded), expiresAt));
      this.recent.set(name, uploaded);
    }
    return uploaded;
  }

  private bring(kind: UploadKind, { open, sizeBytes }: MediaSource): Promise<UploadedMedia> {
    return this.inTurn(sizeBytes, (to) => uploadMedia(kind, open, to));
  }

  private inTurn<T>(sizeBytes: number | null | undefined, upload: (to: UploadWay) => Promise<T>): Promise<T> {
    const { slots, profileId, signal, agent } = this.parts;
    return slots.run(profileId, sizeBytes ?? null, signal, () => upload({ hosts: this.hosts, agent, signal }));
  }

  private async kept(name: string): Promise<UploadedMedia | undefined> {
    const bytes = await this.parts.store.run((store) => store.findUpload(name));
    if (!bytes) return undefined;
    const uploaded = decoded(bytes);
    this.recent.set(name, uploaded);
    return uploaded;
  }
}

/** The parameter `oe` of a path is the moment of expiry: seconds since 1970 in hex, as WhatsApp's hosts write it. */
export function reusableUntil(directPath: string, now: number): Date {
  const told = /[?&]oe=([0-9a-f]{8})\b/i.exec(directPath)?.[1];
  const ours = now + reusedForMs;
  return new Date(told ? Math.min(ours, Number.parseInt(told, 16) * 1000 - leftToFetchMs) : ours);
}

const binary = ['mediaKey', 'fileSha256', 'fileEncSha256'] as const;

function encoded(uploaded: UploadedMedia): Uint8Array {
  const texts = Object.fromEntries(binary.map((field) => [field, Buffer.from(uploaded[field]).toString('base64')]));
  return Buffer.from(JSON.stringify({ ...uploaded, ...texts }));
}

function decoded(bytes: Uint8Array): UploadedMedia {
  const stored = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return { ...stored, ...Object.fromEntries(binary.map((field) => [field, Buffer.from(stored[field], 'base64')])) };
}

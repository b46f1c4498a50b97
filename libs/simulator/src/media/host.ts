import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { MediaKind } from '../baileys.js';
import type { Counters } from '../network/observation.js';
import type { Problems } from '../network/problems.js';
import type { World } from '../time/world.js';
import { closeServer, listen, type PortWish, portOf } from '../wire/listen.js';
import type { TlsFiles } from './certificate.js';
import { encryptMedia, type MediaSecrets } from './cipher.js';
import { ShelfLife } from './shelf-life.js';
import type { MediaStore } from './store.js';
import { UploadAccess } from './upload-access.js';
import { MAX_UPLOAD_BYTES, uploadPlace } from './upload-rules.js';

const CIPHER_BLOCK = 16;
const MAC_BYTES = 10;

/** The media host: encrypted files in, the same files out, over HTTPS. It never sees a plain file or a key. */
export class MediaHost {
  readonly access: UploadAccess;
  readonly shelfLife: ShelfLife;
  private readonly server: Server;
  /** By which clients reach it. */
  private name = '127.0.0.1';
  private lastPicture = 0;

  constructor(
    readonly tls: TlsFiles,
    readonly files: MediaStore,
    private readonly world: World,
    private readonly problems: Problems,
    private readonly counters: Counters,
  ) {
    this.access = new UploadAccess(world.clock, world.random.fork('media'));
    this.shelfLife = new ShelfLife(world.clock);
    this.server = createServer({ key: tls.keyPem, cert: tls.certPem + tls.caPem }, (request, response) => {
      this.respond(request, response).catch((error: Error) => {
        problems.add('simulator-error', 'media host', String(error.stack));
        response.writeHead(500).end();
      });
    });
  }

  get hostname(): string {
    return `${this.name}:${portOf(this.server)}`;
  }

  /** The hosts that clients are told, in the order in which they try them: two names of one. */
  get hostnames(): string[] {
    const second = this.name === '127.0.0.1' ? 'localhost' : this.name;
    return [this.hostname, `${second}:${portOf(this.server)}`];
  }

  /** What a client must present to upload; it gets it with the list of hosts. */
  get auth(): string {
    return this.access.token;
  }

  listen(wish: PortWish): Promise<number> {
    this.name = wish.name ?? this.name;
    return listen(this.server, wish);
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  /** What a phone inside the simulator does: encrypt a file and leave it here. */
  async upload(file: Uint8Array, kind: MediaKind): Promise<MediaSecrets & { url: string; directPath: string }> {
    const { blob, secrets } = await encryptMedia(file, kind);
    const directPath = pathOf(kind, Buffer.from(secrets.fileEncSha256));
    await this.keep(directPath, blob);
    return { ...secrets, directPath, url: this.urlOf(directPath) };
  }

  /** Leaves a file under a new path as a phone does that still has it. Rejects when there never was such a file. */
  async renew(directPath: string): Promise<string> {
    const blob = await this.files.get(directPath);
    if (!blob) throw new Error(`the media host never had a file at ${directPath}`);
    const renewed = `${directPath.replace(/-[0-9a-f]{8}$/, '')}-${this.world.random.hex(4)}`;
    await this.keep(renewed, blob);
    return renewed;
  }

  putPicture(image: Buffer): string {
    // Clients take another id for another picture: two in one millisecond must differ.
    this.lastPicture = Math.max(this.lastPicture + 1, this.world.clock.now());
    const id = String(this.lastPicture);
    void this.files.put(`/pps/${id}`, image);
    return id;
  }

  /** Where a picture is. The preview is the picture itself: nothing here makes it smaller. */
  pictureUrl(id: string, form: 'image' | 'preview' = 'image'): { url: string; directPath: string } {
    const directPath = form === 'preview' ? `/pps/${id}?form=preview` : `/pps/${id}`;
    return { url: this.urlOf(directPath), directPath };
  }

  private urlOf(path: string): string {
    return `https://${this.hostname}${path}`;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://media');
    if (request.method === 'POST' || request.method === 'PUT') return this.takeUpload(request, response, url);
    if (request.method === 'GET' || request.method === 'HEAD') return this.giveFile(request, response, url.pathname);
    response.writeHead(405).end();
  }

  private async takeUpload(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const refuse = (status: number, why: string): void => {
      this.problems.add('bad-upload', 'media host', `${url.pathname}: ${why}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: why }));
    };
    const blob = await bodyOf(request);
    if (!this.access.allows(url.searchParams.get('auth'))) return refuse(401, 'wrong auth token');
    const place = uploadPlace(url.pathname);
    if (!place) return refuse(404, 'not an upload path');
    if (!blob || blob.length > place.maxBytes) {
      return refuse(413, `larger than ${place.maxBytes / 1024 / 1024} MiB`);
    }
    const hash = createHash('sha256').update(blob).digest();
    if (hash.toString('base64url') !== place.name) return refuse(400, 'the body has another hash than the path names');
    if (place.isEncrypted && blob.length % CIPHER_BLOCK !== MAC_BYTES) return refuse(400, 'not an encrypted file');
    const directPath = pathOf(place.kind, hash);
    await this.keep(directPath, blob);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ url: this.urlOf(directPath), direct_path: directPath, ...this.proofOf(place.kind, hash) }),
    );
  }

  /**
   * A cover photo is set with a proof that it was uploaded here (Baileys `updateCoverPhoto`); a post to a newsletter names
   * the handle of its file (whatsmeow, upload.go).
   */
  private proofOf(kind: string, hash: Buffer): object {
    if (kind.startsWith('newsletter-')) return { handle: `4::${hash.toString('base64url')}` };
    if (kind !== 'biz-cover-photo') return {};
    const fbid = hash.readUInt32BE();
    const ts = Math.floor(this.world.clock.now() / 1000);
    return { fbid, ts, meta_hmac: createHmac('sha256', this.tls.keyPem).update(`${fbid}/${ts}`).digest('base64url') };
  }

  private async keep(directPath: string, blob: Buffer): Promise<void> {
    await this.files.put(directPath, blob);
    this.shelfLife.put(directPath);
    this.counters.add('media.uploads');
  }

  private async giveFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    this.counters.add('media.downloads');
    const file = await this.files.get(path);
    if (!file || this.shelfLife.hasExpired(path)) {
      response.writeHead(file ? 410 : 404).end();
      return;
    }
    const range = rangeOf(request.headers.range, file.length);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    const part = range ? file.subarray(range.start, range.end + 1) : file;
    response.writeHead(range ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'content-length': part.length,
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${file.length}` } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  }
}

const pathOf = (kind: string, hash: Buffer): string => `/v/${kind}/${hash.toString('base64url')}`;

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request) {
    sizeBytes += part.length;
    if (sizeBytes <= MAX_UPLOAD_BYTES) parts.push(part);
  }
  return sizeBytes <= MAX_UPLOAD_BYTES ? Buffer.concat(parts) : undefined;
}

function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  const end = to ? Math.min(Number(to), size - 1) : size - 1;
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { MediaKind } from '../baileys.js';
import type { Counters } from '../network/observation.js';
import type { Problems } from '../network/problems.js';
import type { Clock } from '../time/clock.js';
import { closeServer, listen, type PortWish, portOf } from '../wire/listen.js';
import type { TlsFiles } from './certificate.js';
import { encryptMedia, type MediaSecrets } from './cipher.js';
import type { MediaStore } from './store.js';

const MAX_UPLOAD_BYTES = 128 * 1024 * 1024;
const CIPHER_BLOCK = 16;
const MAC_BYTES = 10;

/** The media host: encrypted files in, the same files out, over HTTPS. It never sees a plain file or a key. */
export class MediaHost {
  /** What a client must present to upload; it gets it with the list of hosts. */
  readonly auth = randomBytes(18).toString('base64url');
  private readonly server: Server;
  /** By which clients reach it. */
  private name = '127.0.0.1';

  constructor(
    readonly tls: TlsFiles,
    readonly files: MediaStore,
    private readonly clock: Clock,
    private readonly problems: Problems,
    private readonly counters: Counters,
  ) {
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
    await this.files.put(directPath, blob);
    this.counters.add('media.uploads');
    return { ...secrets, directPath, url: this.urlOf(directPath) };
  }

  putPicture(image: Buffer): string {
    const id = String(this.clock.now());
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
    if (!blob) return refuse(413, 'larger than 128 MiB');
    if (url.searchParams.get('auth') !== this.auth) return refuse(401, 'wrong auth token');
    const [, kind, name] = /^\/mms\/([a-z-]+)\/([A-Za-z0-9_-]+)$/.exec(url.pathname) ?? [];
    if (!kind || !name) return refuse(404, 'not an upload path');
    const hash = createHash('sha256').update(blob).digest();
    if (hash.toString('base64url') !== name) return refuse(400, 'the body has another hash than the path names');
    if (blob.length % CIPHER_BLOCK !== MAC_BYTES) return refuse(400, 'not an encrypted file');
    const directPath = pathOf(kind, hash);
    await this.files.put(directPath, blob);
    this.counters.add('media.uploads');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ url: this.urlOf(directPath), direct_path: directPath }));
  }

  private async giveFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    this.counters.add('media.downloads');
    const file = await this.files.get(path);
    if (!file) {
      response.writeHead(404).end();
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

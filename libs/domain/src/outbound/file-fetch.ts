import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { CatalogueError, errors } from '#contracts';
import { beforeDeadline, OutboundFailure, toOutboundFailure } from './outbound-failure.js';
import { parseOutboundUrl } from './outbound-url.js';

/** A file that is being read from a URL. */
export interface FetchedFile {
  stream: Readable;
  /** As the server says; not to be believed. */
  contentType: string | null;
  /** From Content-Disposition or the path, without folders. */
  fileName: string | null;
  /** As the server says, when it does. */
  sizeBytes: number | null;
}

interface FetchOptions {
  dispatcher: Dispatcher;
  maxBytes: number;
  timeoutMs: number;
}

const mostRedirects = 3;

export async function fetchFile(given: string, options: FetchOptions): Promise<FetchedFile> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let url = parseOutboundUrl(given, 'url');
  for (let hop = 0; ; hop++) {
    const response = await get(url, options.dispatcher, signal);
    const { location } = response.headers;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      response.body.on('error', () => {}).destroy();
      if (hop === mostRedirects) throw fetchFailed(`The URL redirects more than ${mostRedirects} times.`);
      url = nextHop(location, url);
      continue;
    }
    return open(response, url, options);
  }
}

async function get(url: URL, dispatcher: Dispatcher, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    const headers = { 'user-agent': 'Waypost', accept: '*/*', 'accept-encoding': 'identity' };
    return await beforeDeadline(request(url, { dispatcher, signal, headers }), signal);
  } catch (error) {
    throw translated(error);
  }
}

function nextHop(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) throw fetchFailed('The URL redirects to something that is not a URL.');
  return parseOutboundUrl(new URL(location, from).href, 'url');
}

function open(response: Dispatcher.ResponseData, url: URL, { maxBytes }: FetchOptions): FetchedFile {
  const { statusCode, headers, body } = response;
  const sizeBytes = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  body.on('error', () => {});
  if (statusCode !== 200) {
    body.destroy();
    throw fetchFailed(`The URL answered with status ${statusCode}.`, { status: statusCode });
  }
  if (sizeBytes !== null && sizeBytes > maxBytes) {
    body.destroy();
    throw tooLarge(maxBytes);
  }
  const stream = Readable.from(bounded(body, maxBytes), { objectMode: false, highWaterMark: 64 * 1024 });
  // A stream that is destroyed before its first read never enters the generator.
  stream.once('close', () => body.destroy());
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : null;
  return { stream, contentType, fileName: fileName(headers['content-disposition'], url), sizeBytes };
}

async function* bounded(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    for await (const chunk of body) {
      read += chunk.length;
      if (read > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw translated(error);
  }
}

/** RFC 6266: the extended form wins; folders are cut off, because the name is shown and saved by others. */
function fileName(disposition: string | string[] | undefined, url: URL): string | null {
  const header = typeof disposition === 'string' ? disposition : '';
  const extended = /filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(header)?.[1];
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  const name =
    decoded(extended) ?? plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2] ?? decoded(url.pathname.split('/').at(-1));
  const base = name
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/\p{Cc}/gu, '')
    .trim();
  return base === undefined || base === '' ? null : base.slice(0, 255);
}

function decoded(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function translated(error: unknown): CatalogueError {
  if (error instanceof CatalogueError) return error;
  const failure = error instanceof OutboundFailure ? error : toOutboundFailure(error);
  if (failure.reason === 'address_blocked') return errors.urlNotAllowed({ cause: error });
  return fetchFailed(failure.message, { reason: failure.reason });
}

function fetchFailed(why: string, details?: Record<string, unknown>): CatalogueError {
  return errors.mediaFetchFailed({ message: `The media URL did not answer with the file. ${why}`, details });
}

function tooLarge(maxBytes: number): CatalogueError {
  return errors.mediaTooLarge({ details: { maxBytes } });
}

import { createHash } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { errors } from '#contracts';
import type { UploadRow } from '#database';
import { LARGEST_UPLOAD_BYTES } from '#domain';
import { API_PREFIX } from '../http/route-table.js';

/** The tus protocol 1.0 (tus.io/protocols/resumable-upload): what its headers say, both ways. */
const VERSION = '1.0.0';
const EXTENSIONS = 'creation,creation-with-upload,expiration,termination,checksum';
const algorithms = ['md5', 'sha1', 'sha256'] as const;

/** Of the body of a request that adds bytes. */
export const OFFSET_TYPE = 'application/offset+octet-stream';

/** Headers of the protocol that scripts of other origins may read. */
export const tusHeaders = [
  'Location',
  'Tus-Version',
  'Tus-Resumable',
  'Tus-Max-Size',
  'Tus-Extension',
  'Tus-Checksum-Algorithm',
  'Upload-Offset',
  'Upload-Length',
  'Upload-Expires',
];

/** Answers what clients ask before anything else: which version and extensions are spoken here. */
export function tellTus(request: Request, response: Response, next: NextFunction): void {
  if (request.method !== 'OPTIONS' || !request.url.startsWith(`${API_PREFIX}/uploads`)) {
    next();
    return;
  }
  response.set({
    'Tus-Resumable': VERSION,
    'Tus-Version': VERSION,
    'Tus-Extension': EXTENSIONS,
    'Tus-Max-Size': String(LARGEST_UPLOAD_BYTES),
    'Tus-Checksum-Algorithm': algorithms.join(','),
  });
  // A browser's preflight goes on to what answers for other origins.
  if (request.headers['access-control-request-method'] !== undefined) next();
  else response.status(204).end();
}

/** @throws errors.tusVersionUnsupported */
export function assertTus(request: Request, response: Response): void {
  response.set('Tus-Resumable', VERSION);
  if (request.headers['tus-resumable'] === VERSION) return;
  response.set('Tus-Version', VERSION);
  throw errors.tusVersionUnsupported();
}

export const speaksTus = (request: Request): boolean => request.headers['tus-resumable'] !== undefined;

/** A header that is a number of bytes. @throws errors.validation */
export function bytesIn(request: Request, name: 'upload-length' | 'upload-offset'): number {
  const given = request.headers[name];
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  const what = name === 'upload-length' ? 'Upload-Length' : 'Upload-Offset';
  throw errors.validation({ fields: [{ path: what, message: 'must be a number of bytes' }] });
}

/** `name base64, name base64 …`. Names that nobody here knows are passed over. @throws errors.validation */
export function metadataIn(request: Request): Map<string, string> {
  const given = String(request.headers['upload-metadata'] ?? '');
  if (given.length > 4096) throw wrong('Upload-Metadata', 'must be at most 4096 characters');
  const pairs = given.split(',').filter((pair) => pair.trim() !== '');
  return new Map(
    pairs.map((pair) => {
      const [name, value = '', more] = pair.trim().split(' ');
      if (!name || more !== undefined || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
        throw wrong('Upload-Metadata', 'must be pairs of a name and a value in base64');
      }
      const text = Buffer.from(value, 'base64').toString('utf8');
      return [name, text.replaceAll('\0', '')] as const;
    }),
  );
}

/** Undefined when the request has none. @throws errors.validation */
export function checksumIn(request: Request): { algorithm: string; digest: Buffer } | undefined {
  const given = request.headers['upload-checksum'];
  if (given === undefined) return undefined;
  const [algorithm = '', text = ''] = String(given).split(' ');
  if (!(algorithms as readonly string[]).includes(algorithm)) {
    throw wrong('Upload-Checksum', `must begin with one of ${algorithms.join(', ')}`);
  }
  const digest = Buffer.from(text, 'base64');
  if (digest.length !== createHash(algorithm).digest().length) {
    throw wrong('Upload-Checksum', `must end with a ${algorithm} digest in base64`);
  }
  return { algorithm, digest };
}

/** @throws errors.unsupportedMediaType */
export function assertOffsetType(request: Request): void {
  if (request.headers['content-type'] === OFFSET_TYPE) return;
  throw errors.unsupportedMediaType({ message: `Send the bytes as ${OFFSET_TYPE}.` });
}

/** What the answer about an upload says in headers. */
export function setUploadHeaders(response: Response, upload: UploadRow, offset = upload.offsetBytes): void {
  response.set({
    'Upload-Offset': String(offset),
    'Upload-Length': String(upload.sizeBytes),
    'Cache-Control': 'no-store',
  });
  if (upload.state === 'receiving' && upload.expiresAt) {
    response.set('Upload-Expires', upload.expiresAt.toUTCString());
  }
}

function wrong(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}

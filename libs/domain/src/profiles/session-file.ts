import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { SessionContent } from '#engine';

/**
 * The file that a session leaves and enters in. First line `WAYPOST-SESSION 1`; second line JSON with the parameters of
 * the key (scrypt) and the nonce; then AES-256-GCM of gzip of JSON, with both lines as additional data; its last 16 bytes
 * are the tag.
 */
const firstLine = 'WAYPOST-SESSION 1';
const anyFirstLine = /^WAYPOST-SESSION (\d+)$/;
const tagBytes = 16;
/** 32 MiB and about 100 ms for each try of a passphrase. */
const cost = { n: 32_768, r: 8, p: 1 };
/** What a file may unfold to. */
export const MAX_SESSION_BYTES = 64 * 1024 * 1024;

/** Why a file is none of ours, or cannot be read. */
export class SessionFileError extends Error {
  constructor(readonly reason: 'not_a_session' | 'newer_version' | 'wrong_passphrase_or_damaged' | 'too_large') {
    super(reason);
    this.name = 'SessionFileError';
  }
}

interface Header {
  kdf: 'scrypt';
  n: number;
  r: number;
  p: number;
  salt: string;
  nonce: string;
}

interface Body {
  exportedAt: string;
  credentials: string;
  /** type, id, value in base64 */
  keys: [string, string, string][];
}

export function isSessionFile(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(0, firstLine.length)).toString('latin1').startsWith('WAYPOST-SESSION');
}

export async function writeSessionFile(content: SessionContent, passphrase: string, at: Date): Promise<Buffer> {
  const body: Body = {
    exportedAt: at.toISOString(),
    credentials: base64(content.credentials),
    keys: content.keys.map(({ type, id, value }) => [type, id, base64(value)]),
  };
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const header: Header = { kdf: 'scrypt', ...cost, salt: base64(salt), nonce: base64(nonce) };
  const lines = Buffer.from(`${firstLine}\n${JSON.stringify(header)}\n`);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, header), nonce).setAAD(lines);
  const packed = await promisify(gzip)(JSON.stringify(body));
  return Buffer.concat([lines, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
}

/** @throws SessionFileError */
export async function readSessionFile(
  file: Uint8Array,
  passphrase: string,
): Promise<{ content: SessionContent; exportedAt: Date }> {
  const { header, lines, sealed } = split(Buffer.from(file.buffer, file.byteOffset, file.length));
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, header), Buffer.from(header.nonce, 'base64'))
    .setAAD(lines)
    .setAuthTag(sealed.subarray(-tagBytes));
  let packed: Buffer;
  try {
    packed = Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    throw new SessionFileError('wrong_passphrase_or_damaged');
  }
  const { exportedAt, credentials, keys } = JSON.parse((await unpacked(packed)).toString('utf8')) as Body;
  return {
    exportedAt: new Date(exportedAt),
    content: {
      credentials: Buffer.from(credentials, 'base64'),
      keys: keys.map(([type, id, value]) => ({ type, id, value: Buffer.from(value, 'base64') })),
    },
  };
}

async function unpacked(packed: Buffer): Promise<Buffer> {
  try {
    // Base64 takes a third more.
    return await promisify(gunzip)(packed, { maxOutputLength: 2 * MAX_SESSION_BYTES });
  } catch {
    throw new SessionFileError('too_large');
  }
}

function split(file: Buffer): { header: Header; lines: Buffer; sealed: Buffer } {
  const first = file.indexOf('\n');
  const second = first < 0 ? -1 : file.indexOf('\n', first + 1);
  const version = anyFirstLine.exec(file.subarray(0, Math.max(0, Math.min(first, 64))).toString('latin1'));
  if (!version) throw new SessionFileError('not_a_session');
  if (version[1] !== '1') throw new SessionFileError('newer_version');
  const sealed = file.subarray(second + 1);
  if (second < 0 || second > 1024 || sealed.length < tagBytes) throw new SessionFileError('not_a_session');
  return { header: headerOf(file.subarray(first + 1, second)), lines: file.subarray(0, second + 1), sealed };
}

function headerOf(line: Buffer): Header {
  try {
    const header = JSON.parse(line.toString('utf8')) as Header;
    // Our own costs only: a file of a stranger may not ask for any amount of memory.
    const isOurs = header.kdf === 'scrypt' && header.n === cost.n && header.r === cost.r && header.p === cost.p;
    if (isOurs && Buffer.from(header.nonce, 'base64').length === 12) return header;
  } catch {
    // Told below.
  }
  throw new SessionFileError('not_a_session');
}

function keyOf(passphrase: string, { n, r, p, salt }: Header): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r, p, maxmem: 256 * n * r };
  return promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)(
    passphrase.normalize('NFKC'),
    Buffer.from(salt, 'base64'),
    32,
    options,
  );
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

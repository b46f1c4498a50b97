import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { wallClock } from '../time/clock.js';

/** What an HTTPS server and its clients need. */
export interface TlsFiles {
  caPem: string;
  certPem: string;
  keyPem: string;
}

const VALID_DAYS = 3_650;
const OID = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  basicConstraints: [0x55, 0x1d, 0x13],
  keyUsage: [0x55, 0x1d, 0x0f],
  subjectAltName: [0x55, 0x1d, 0x11],
  subjectKeyId: [0x55, 0x1d, 0x0e],
  authorityKeyId: [0x55, 0x1d, 0x23],
} as const;

function der(tag: number, ...parts: (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  let head = [tag, length];
  if (length > 0xffff) head = [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  else if (length > 0xff) head = [tag, 0x82, length >> 8, length & 0xff];
  else if (length > 0x7f) head = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(head), body]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (value: readonly number[]): Buffer => der(0x06, value);
const TRUE = der(0x01, [0xff]);
const ALGORITHM = sequence(oid(OID.ecdsaWithSha256));

const name = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(commonName)))));

const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const extension = (id: readonly number[], value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), der(0x04, value));

interface Subject {
  commonName: string;
  publicKey: KeyObject;
  extensions: Buffer[];
}

const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

/** One X.509 version 3 certificate (RFC 5280), signed with ECDSA over SHA-256. */
function certificate(
  subject: Subject,
  issuer: { commonName: string; privateKey: KeyObject; publicKey: KeyObject },
): string {
  const now = wallClock.now();
  const serial = randomBytes(16);
  serial[0]! &= 0x7f;
  serial[0]! |= 0x40;
  const extensions = [
    ...subject.extensions,
    extension(OID.subjectKeyId, der(0x04, keyId(subject.publicKey))),
    extension(OID.authorityKeyId, sequence(der(0x80, keyId(issuer.publicKey)))),
  ];
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, serial),
    ALGORITHM,
    name(issuer.commonName),
    sequence(utcTime(new Date(now - 86_400_000)), utcTime(new Date(now + VALID_DAYS * 86_400_000))),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const encoded = sequence(body, ALGORITHM, der(0x03, [0], signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${encoded.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

/** A fresh certificate authority, and a certificate for 127.0.0.1, ::1, localhost and further names that it signed. */
export function makeTlsFiles(names: readonly string[] = []): TlsFiles {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { commonName: 'WhatsApp simulator CA', ...authority };
  const caPem = certificate(
    {
      commonName: issuer.commonName,
      publicKey: authority.publicKey,
      extensions: [
        extension(OID.basicConstraints, sequence(TRUE), true),
        extension(OID.keyUsage, der(0x03, [1, 0x06]), true),
      ],
    },
    issuer,
  );
  const alternatives = sequence(
    ...['localhost', ...names].map((name) => der(0x82, Buffer.from(name))),
    der(0x87, [127, 0, 0, 1]),
    der(0x87, [...Array(15).fill(0), 1]),
  );
  const certPem = certificate(
    {
      commonName: 'localhost',
      publicKey: server.publicKey,
      extensions: [
        extension(OID.basicConstraints, sequence(), true),
        extension(OID.keyUsage, der(0x03, [7, 0x80]), true),
        extension(OID.subjectAltName, alternatives),
      ],
    },
    issuer,
  );
  return { caPem, certPem, keyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

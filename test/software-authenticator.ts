import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

interface Credential {
  id: Buffer;
  privateKey: KeyObject;
  publicKey: KeyObject;
  userHandle: string;
  counter: number;
}

interface Options {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
  allowCredentials?: { id: string }[];
}

/** What an authenticator may do otherwise than asked. */
interface Mischief {
  origin?: string;
  rpId?: string;
  /** False: no finger, face or PIN was asked for. */
  verifiesUser?: boolean;
  challenge?: string;
  /** Sign with this counter instead of the next one. */
  counter?: number;
}

/**
 * A browser with a security key (WebAuthn Level 3, §6): makes ES256 keys, keeps them, and signs what it is asked. What it
 * answers is what `PublicKeyCredential.toJSON()` gives.
 */
export class SoftwareAuthenticator {
  readonly credentials: Credential[] = [];

  constructor(private readonly origin: string) {}

  /** `navigator.credentials.create` */
  create(options: Options, mischief: Mischief = {}): Record<string, unknown> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const credential = { id: randomBytes(16), privateKey, publicKey, userHandle: options.user!.id, counter: 0 };
    this.credentials.push(credential);
    const id = credential.id.toString('base64url');
    const attested = Buffer.concat([Buffer.alloc(16), uint16(credential.id.length), credential.id, coseKey(publicKey)]);
    const authData = Buffer.concat([this.authData(mischief.rpId ?? options.rp!.id, 0x40, 0, mischief), attested]);
    const attestationObject = Buffer.concat([
      ...[map(3), text('fmt'), text('none'), text('attStmt'), map(0), text('authData'), bytes(authData)],
    ]);
    return {
      ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform' },
      response: {
        clientDataJSON: this.clientData('webauthn.create', options, mischief).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** `navigator.credentials.get`: with the first of its credentials that is allowed. */
  get(options: Options, mischief: Mischief = {}): Record<string, unknown> {
    const allowed = options.allowCredentials?.map(({ id }) => id);
    const credential = this.credentials.find(({ id }) => !allowed || allowed.includes(id.toString('base64url')));
    if (!credential) throw new Error('No credential of this authenticator is allowed.');
    credential.counter = mischief.counter ?? credential.counter + 1;
    const clientData = this.clientData('webauthn.get', options, mischief);
    const authData = this.authData(mischief.rpId ?? options.rpId!, 0, credential.counter, mischief);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const id = credential.id.toString('base64url');
    return {
      ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform' },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, credential.privateKey).toString('base64url'),
        userHandle: credential.userHandle,
      },
    };
  }

  private clientData(type: string, options: Options, mischief: Mischief): Buffer {
    const challenge = mischief.challenge ?? options.challenge;
    return Buffer.from(JSON.stringify({ type, challenge, origin: mischief.origin ?? this.origin, crossOrigin: false }));
  }

  /** Hash of the RP id, flags (user present and verified, eligible for backup and backed up), counter. */
  private authData(rpId: string, flags: number, counter: number, { verifiesUser = true }: Mischief): Buffer {
    const all = flags | 0x01 | 0x08 | 0x10 | (verifiesUser ? 0x04 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([all]), count]);
  }
}

/** EC2 key for ES256 as COSE_Key (RFC 9053): {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  const coordinate = (value?: string) => bytes(Buffer.from(value!, 'base64url'));
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
  return Buffer.concat([head, coordinate(x), Buffer.from([0x22]), coordinate(y)]);
}

/** The little of CBOR (RFC 8949) that this takes. */
function map(size: number): Buffer {
  return Buffer.from([0xa0 | size]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 | value.length]), Buffer.from(value)]);
}

function bytes(value: Buffer): Buffer {
  const head =
    value.length < 256 ? Buffer.from([0x58, value.length]) : Buffer.concat([Buffer.from([0x59]), uint16(value.length)]);
  return Buffer.concat([head, value]);
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}

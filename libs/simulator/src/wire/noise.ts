import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { type BinaryNode, Curve, decodeBinaryNode, encodeBinaryNode, type KeyPair, proto } from '../baileys.js';
import type { NoiseAuthority } from './certificates.js';

const MODE = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const WA_HEADER = Buffer.from([0x57, 0x41, 0x06, 0x03]);
const EDGE_PRELUDE_BYTES = 7;
const EMPTY = Buffer.alloc(0);
const TAG_BYTES = 16;

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

function seal(key: Buffer, counter: number, plain: Uint8Array, aad: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter));
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, counter: number, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed.length < TAG_BYTES) throw new Error('frame shorter than its authentication tag');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
}

/** What the other side of the wire learns from the handshake and the frames after it. */
export interface NoiseEvents {
  /** The handshake is complete. `noiseKey` is the client's static key: on login it identifies the device. */
  onHandshake(payload: proto.ClientPayload, noiseKey: Buffer): void;
  onNode(node: BinaryNode): void;
}

/**
 * Server side of `Noise_XX_25519_AESGCM_SHA256` over length-prefixed frames. Bytes in, binary nodes out.
 * Any malformed input makes `feed` reject; the connection is then unusable and must be closed by its owner.
 */
export class NoiseServer {
  private stage: 'intro' | 'hello' | 'finish' | 'open' = 'intro';
  private buffered: Buffer = EMPTY;
  private hash: Buffer = MODE;
  private salt: Buffer = MODE;
  private key: Buffer = MODE;
  private counter = 0;
  private ephemeral?: KeyPair;
  private readKey: Buffer = EMPTY;
  private writeKey: Buffer = EMPTY;
  private readCounter = 0;
  private writeCounter = 0;

  constructor(
    private readonly authority: NoiseAuthority,
    private readonly write: (frame: Buffer) => void,
    private readonly events: NoiseEvents,
  ) {}

  /** True once nodes can travel. */
  get isOpen(): boolean {
    return this.stage === 'open';
  }

  /** Takes the next bytes from the socket. Calls must not overlap. */
  async feed(bytes: Buffer): Promise<void> {
    this.buffered = this.buffered.length ? Buffer.concat([this.buffered, bytes]) : bytes;
    if (this.stage === 'intro' && !this.takeIntro()) return;
    while (this.buffered.length >= 3) {
      const size = this.buffered.readUIntBE(0, 3);
      if (this.buffered.length < 3 + size) return;
      const frame = this.buffered.subarray(3, 3 + size);
      this.buffered = this.buffered.subarray(3 + size);
      await this.takeFrame(frame);
    }
  }

  send(node: BinaryNode): void {
    this.writeFrame(seal(this.writeKey, this.writeCounter++, encodeBinaryNode(node), EMPTY));
  }

  /** The optional edge-routing prelude ("ED", 00 01, three bytes of length), then "WA" and the dictionary version. */
  private takeIntro(): boolean {
    let offset = 0;
    if (this.buffered.length >= 2 && this.buffered[0] === 0x45 && this.buffered[1] === 0x44) {
      if (this.buffered.length < EDGE_PRELUDE_BYTES) return false;
      offset = EDGE_PRELUDE_BYTES + this.buffered.readUIntBE(4, 3);
    }
    if (this.buffered.length < offset + WA_HEADER.length) return false;
    if (!this.buffered.subarray(offset, offset + WA_HEADER.length).equals(WA_HEADER)) {
      throw new Error('the connection does not begin with the WA header');
    }
    this.buffered = this.buffered.subarray(offset + WA_HEADER.length);
    this.mixHash(WA_HEADER);
    this.stage = 'hello';
    return true;
  }

  private async takeFrame(frame: Buffer): Promise<void> {
    if (this.stage === 'open') {
      const plain = open(this.readKey, this.readCounter++, frame, EMPTY);
      this.events.onNode(await decodeBinaryNode(plain));
    } else if (this.stage === 'hello') this.answerHello(frame);
    else this.finish(frame);
  }

  private answerHello(frame: Buffer): void {
    const hello = proto.HandshakeMessage.decode(frame).clientHello;
    if (hello?.ephemeral?.length !== 32) throw new Error('client hello without a 32 byte ephemeral key');
    const theirs = Buffer.from(hello.ephemeral);
    const server = this.authority.keys.server;
    this.ephemeral = Curve.generateKeyPair();
    this.mixHash(theirs);
    this.mixHash(this.ephemeral.public);
    this.mixKey(Curve.sharedKey(this.ephemeral.private, theirs));
    const staticKey = this.encrypt(server.public);
    this.mixKey(Curve.sharedKey(server.private, theirs));
    const payload = this.encrypt(this.authority.chain);
    this.stage = 'finish';
    this.writeFrame(
      proto.HandshakeMessage.encode({
        serverHello: { ephemeral: this.ephemeral.public, static: staticKey, payload },
      }).finish(),
    );
  }

  private finish(frame: Buffer): void {
    const finish = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!finish?.static || !finish.payload || !this.ephemeral) throw new Error('client finish without keys');
    const noiseKey = this.decrypt(Buffer.from(finish.static));
    this.mixKey(Curve.sharedKey(this.ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.decrypt(Buffer.from(finish.payload)));
    [this.readKey, this.writeKey] = this.derive(EMPTY);
    this.stage = 'open';
    this.events.onHandshake(payload, noiseKey);
  }

  private writeFrame(body: Uint8Array): void {
    const frame = Buffer.allocUnsafe(3 + body.length);
    frame.writeUIntBE(body.length, 0, 3);
    frame.set(body, 3);
    this.write(frame);
  }

  private mixHash(data: Uint8Array): void {
    this.hash = createHash('sha256').update(this.hash).update(data).digest();
  }

  private derive(secret: Uint8Array): [Buffer, Buffer] {
    const out = Buffer.from(hkdfSync('sha256', secret, this.salt, EMPTY, 64));
    return [out.subarray(0, 32), out.subarray(32)];
  }

  private mixKey(secret: Uint8Array): void {
    [this.salt, this.key] = this.derive(secret);
    this.counter = 0;
  }

  private encrypt(plain: Uint8Array): Buffer {
    const sealed = seal(this.key, this.counter++, plain, this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  private decrypt(sealed: Buffer): Buffer {
    const plain = open(this.key, this.counter++, sealed, this.hash);
    this.mixHash(sealed);
    return plain;
  }
}

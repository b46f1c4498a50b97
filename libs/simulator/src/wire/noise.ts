import { type BinaryNode, Curve, decodeBinaryNode, encodeBinaryNode, type KeyPair, proto } from '../baileys.js';
import type { NoiseAuthority } from './certificates.js';
import { EMPTY, framed, NoiseState, open, seal, WA_HEADER } from './noise-state.js';

const EDGE_PRELUDE_BYTES = 7;
/** More than any client says about itself. */
const MAX_HANDSHAKE_BYTES = 256 * 1024;

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
  private readonly state = new NoiseState();
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

  /** True when the last bytes were no whole frame. */
  get isMidFrame(): boolean {
    return this.buffered.length > 0;
  }

  /** Takes the next bytes from the socket. Calls must not overlap. */
  async feed(bytes: Buffer): Promise<void> {
    this.buffered = this.buffered.length ? Buffer.concat([this.buffered, bytes]) : bytes;
    if (this.stage === 'intro' && !this.takeIntro()) return;
    while (this.buffered.length >= 3) {
      const size = this.buffered.readUIntBE(0, 3);
      if (!this.isOpen && size > MAX_HANDSHAKE_BYTES) throw new Error(`a handshake message of ${size} bytes`);
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
    this.state.mixHash(WA_HEADER);
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
    this.state.mixHash(theirs);
    this.state.mixHash(this.ephemeral.public);
    this.state.mixKey(Curve.sharedKey(this.ephemeral.private, theirs));
    const staticKey = this.state.encrypt(server.public);
    this.state.mixKey(Curve.sharedKey(server.private, theirs));
    const payload = this.state.encrypt(this.authority.chain);
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
    const noiseKey = this.state.decrypt(Buffer.from(finish.static));
    this.state.mixKey(Curve.sharedKey(this.ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.state.decrypt(Buffer.from(finish.payload)));
    [this.readKey, this.writeKey] = this.state.split();
    this.stage = 'open';
    this.events.onHandshake(payload, noiseKey);
  }

  private writeFrame(body: Uint8Array): void {
    this.write(framed(body));
  }
}

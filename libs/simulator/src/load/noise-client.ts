import { type BinaryNode, Curve, decodeBinaryNode, encodeBinaryNode, type KeyPair, proto } from '../baileys.js';
import { EMPTY, framed, NoiseState, open, seal, WA_HEADER } from '../wire/noise-state.js';

/** What comes of a connection, for its owner. */
export interface NoiseClientEvents {
  onOpen(): void;
  onNode(node: BinaryNode): void;
}

/** Client side of `Noise_XX` for load: it takes the server at its word and does not check the certificate chain. */
export class NoiseClient {
  private readonly state = new NoiseState();
  private readonly ephemeral = Curve.generateKeyPair();
  private buffered: Buffer = EMPTY;
  private keys?: [toServer: Buffer, toClient: Buffer];
  private readCounter = 0;
  private writeCounter = 0;

  constructor(
    private readonly noiseKey: KeyPair,
    private readonly payload: proto.IClientPayload,
    private readonly write: (bytes: Buffer) => void,
    private readonly events: NoiseClientEvents,
  ) {}

  begin(): void {
    this.state.mixHash(WA_HEADER);
    this.state.mixHash(this.ephemeral.public);
    const hello = proto.HandshakeMessage.encode({ clientHello: { ephemeral: this.ephemeral.public } }).finish();
    this.write(Buffer.concat([WA_HEADER, framed(hello)]));
  }

  /** Takes the next bytes. Calls must not overlap. Rejects when they are not what a server says. */
  async feed(bytes: Buffer): Promise<void> {
    this.buffered = this.buffered.length ? Buffer.concat([this.buffered, bytes]) : bytes;
    while (this.buffered.length >= 3) {
      const size = this.buffered.readUIntBE(0, 3);
      if (this.buffered.length < 3 + size) return;
      const frame = this.buffered.subarray(3, 3 + size);
      this.buffered = this.buffered.subarray(3 + size);
      if (this.keys) this.events.onNode(await decodeBinaryNode(open(this.keys[1], this.readCounter++, frame, EMPTY)));
      else this.finish(frame);
    }
  }

  send(node: BinaryNode): void {
    this.sendPlain(encodeBinaryNode(node));
  }

  /** Sends any bytes as the content of a frame. */
  sendPlain(plain: Uint8Array): void {
    if (!this.keys) throw new Error('nothing can be sent before the handshake is done');
    this.write(framed(seal(this.keys[0], this.writeCounter++, plain, EMPTY)));
  }

  private finish(frame: Buffer): void {
    const hello = proto.HandshakeMessage.decode(frame).serverHello;
    if (!hello?.ephemeral || !hello.static || !hello.payload) throw new Error('server hello without keys');
    const theirs = Buffer.from(hello.ephemeral);
    this.state.mixHash(theirs);
    this.state.mixKey(Curve.sharedKey(this.ephemeral.private, theirs));
    const serverKey = this.state.decrypt(Buffer.from(hello.static));
    this.state.mixKey(Curve.sharedKey(this.ephemeral.private, serverKey));
    this.state.decrypt(Buffer.from(hello.payload));
    const ownKey = this.state.encrypt(this.noiseKey.public);
    this.state.mixKey(Curve.sharedKey(this.noiseKey.private, theirs));
    const payload = this.state.encrypt(proto.ClientPayload.encode(this.payload).finish());
    this.write(framed(proto.HandshakeMessage.encode({ clientFinish: { static: ownKey, payload } }).finish()));
    this.keys = this.state.split();
    this.events.onOpen();
  }
}

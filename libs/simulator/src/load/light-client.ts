import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  type BinaryNode,
  Curve,
  generateRegistrationId,
  jidDecode,
  type KeyPair,
  proto,
  signedKeyPair,
} from '../baileys.js';
import { Random } from '../time/random.js';
import { bigEndian, bytes, child, children, SERVER, stanza } from '../wire/stanza.js';
import { LightDevice, type LightEvents } from './light-device.js';
import { NoiseClient } from './noise-client.js';

const KEY_TYPE = Buffer.from([5]);
const DEVICE_SIGNATURE = Buffer.from([6, 1]);

/** What a device must keep to log in again. */
export interface LightCredentials {
  noiseKey: KeyPair;
  number: string;
  lid: string;
  device: number;
}

/** What a client does that wants to be linked by foul means. */
export interface PairingMischief {
  /** Sends its signature a second time. */
  signTwice?: boolean;
  /** Sees every byte that is sent, to send it again elsewhere. */
  onWritten?: (bytes: Buffer) => void;
}

/** A light device over a real connection: pairs by QR code and logs in as any client does. */
export class LightClient {
  private constructor(
    readonly device: LightDevice,
    private readonly socket: WebSocket,
    private readonly noise: NoiseClient,
  ) {}

  /** Puts any stanza on the wire, also one that no honest client would send. */
  send(node: BinaryNode): void {
    this.noise.send(node);
  }

  /** Puts a frame of any content on the wire. */
  sendPlain(plain: Uint8Array): void {
    this.noise.sendPlain(plain);
  }

  /** Puts any bytes on the wire, outside of all frames. */
  sendRaw(raw: Uint8Array): void {
    this.socket.send(raw);
  }

  /** Resolves when the connection has ended. */
  async ended(): Promise<void> {
    if (this.socket.readyState !== this.socket.CLOSED) await once(this.socket, 'close');
  }

  /** Links a new device; `scan` is what the phone does with the text of the QR code. */
  static async pair(
    url: string,
    scan: (qr: string) => Promise<unknown>,
    mischief: PairingMischief = {},
  ): Promise<LightCredentials> {
    const noiseKey = Curve.generateKeyPair();
    const identity = Curve.generateKeyPair();
    const secret = Random.unseeded().bytes(32);
    const { keyPair, keyId, signature } = signedKeyPair(identity, 1);
    const payload: proto.IClientPayload = {
      passive: false,
      devicePairingData: {
        eRegid: bigEndian(generateRegistrationId(), 4),
        eKeytype: KEY_TYPE,
        eIdent: identity.public,
        eSkeyId: bigEndian(keyId, 3),
        eSkeyVal: keyPair.public,
        eSkeySig: signature,
        deviceProps: proto.DeviceProps.encode({ os: 'light' }).finish(),
      },
    };
    let paired: Omit<LightCredentials, 'noiseKey'> | undefined;
    const { socket: link } = await connect(
      url,
      noiseKey,
      payload,
      (node, send) => {
        const offer = child(node, 'pair-device');
        const success = child(node, 'pair-success');
        if (offer) {
          send(stanza('iq', { to: SERVER, type: 'result', id: node.attrs.id }));
          const [ref] = children(offer, 'ref');
          const parts = [bytes(ref).toString(), ...[noiseKey.public, identity.public, secret].map(base64)];
          scan(parts.join(',')).catch(() => link.close());
        } else if (success) {
          paired = whoWasPaired(success);
          const reply = signedReply(node, success, identity, secret);
          send(reply);
          if (mischief.signTwice) send(reply);
        } else if (node.tag === 'stream:error') link.close();
      },
      mischief.onWritten,
    );
    await once(link, 'close');
    if (!paired) throw new Error('the connection ended before the device was linked');
    return { noiseKey, ...paired };
  }

  /** Logs in. Resolves when what waited for the device has been handed over. */
  static async login(url: string, credentials: LightCredentials, events: LightEvents = {}): Promise<LightClient> {
    const { noiseKey, number, lid, device } = credentials;
    const payload = { username: Number(number), device, passive: true, pull: true };
    let light: LightDevice | undefined;
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const { socket, noise } = await connect(url, noiseKey, payload, (node, send) => {
      light ??= new LightDevice(number, lid, { send }, new Random(`${number}:${device}`), {
        ...events,
        onReady: () => {
          ready();
          events.onReady?.();
        },
      });
      light.take(node);
    });
    const ended = once(socket, 'close').then(() => Promise.reject(new Error(`the login of ${number} failed`)));
    await Promise.race([isReady, ended]);
    ended.catch(() => undefined);
    return new LightClient(light as LightDevice, socket, noise);
  }

  close(): void {
    this.socket.close();
  }
}

const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64');

async function connect(
  url: string,
  noiseKey: KeyPair,
  payload: proto.IClientPayload,
  take: (node: BinaryNode, send: (node: BinaryNode) => void) => void,
  onWritten: (bytes: Buffer) => void = () => undefined,
): Promise<{ socket: WebSocket; noise: NoiseClient }> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const write = (data: Buffer): void => {
    onWritten(data);
    socket.send(data);
  };
  const send = (node: BinaryNode): void => noise.send(node);
  const noise = new NoiseClient(noiseKey, payload, write, {
    onOpen: () => undefined,
    onNode: (node) => take(node, send),
  });
  let feeding: Promise<void> = Promise.resolve();
  socket.on('message', (data) => {
    feeding = feeding.then(() => noise.feed(data as Buffer)).catch(() => socket.terminate());
  });
  socket.on('error', () => undefined);
  noise.begin();
  return { socket, noise };
}

function whoWasPaired(success: BinaryNode): Omit<LightCredentials, 'noiseKey'> {
  const { jid, lid } = child(success, 'device')?.attrs ?? {};
  const { user = '', device = 0 } = jidDecode(jid) ?? {};
  return { number: user, lid: jidDecode(lid)?.user ?? '', device };
}

/** The device signs what the phone signed (Baileys `configureSuccessfulPairing`). */
function signedReply(request: BinaryNode, success: BinaryNode, identity: KeyPair, secret: Buffer): BinaryNode {
  const sealed = proto.ADVSignedDeviceIdentityHMAC.decode(bytes(child(success, 'device-identity')));
  const hmac = createHmac('sha256', secret)
    .update(sealed.details ?? new Uint8Array())
    .digest();
  if (!hmac.equals(Buffer.from(sealed.hmac ?? []))) throw new Error('the pairing was sealed with another secret');
  const account = proto.ADVSignedDeviceIdentity.decode(sealed.details ?? new Uint8Array());
  const { details, accountSignatureKey } = account;
  const signed = [DEVICE_SIGNATURE, details, identity.public, accountSignatureKey].map((part) =>
    Buffer.from(part ?? []),
  );
  account.deviceSignature = Curve.sign(identity.private, Buffer.concat(signed));
  account.accountSignatureKey = undefined as never;
  const keyIndex = proto.ADVDeviceIdentity.decode(details ?? new Uint8Array()).keyIndex;
  const content = proto.ADVSignedDeviceIdentity.encode(account).finish();
  return stanza('iq', { to: SERVER, type: 'result', id: request.attrs.id }, [
    stanza('pair-device-sign', {}, [stanza('device-identity', { 'key-index': keyIndex ?? 1 }, content)]),
  ]);
}

import { createHmac } from 'node:crypto';
import { type BinaryNode, Curve, jidDecode, type KeyPair, proto } from '../baileys.js';
import { wallClock } from '../time/clock.js';
import type { World } from '../time/world.js';
import type { ConnectionOwner, WireConnection } from '../wire/connection.js';
import {
  bytes,
  child,
  children,
  errorText,
  FROM_SERVER,
  iqError,
  iqResult,
  notification,
  serverId,
  stanza,
  streamError,
  unsigned,
  wireTime,
} from '../wire/stanza.js';
import type { Account } from './account.js';
import { Companion } from './companion.js';
import { CompanionKeys } from './keys.js';
import { CodeExchange } from './pairing-code.js';

const REF_COUNT = 6;
const ACCOUNT_SIGNATURE = Buffer.from([6, 0]);
const DEVICE_SIGNATURE = Buffer.from([6, 1]);
/** The client closes when it sees 515; the server waits this long before it cuts. */
const RESTART_GRACE_MS = 1_000;

/** The phone that links a companion: its account and its identity key. */
export interface LinkingPhone {
  account: Account;
  identity: KeyPair;
}

export interface PairingEvents {
  /** Whether one more pairing code may be asked for, for this phone number. */
  allowsCode(number: string): boolean;
  onCodeRequested(session: PairingSession, number: string): void;
  onPaired(companion: Companion): void;
  onUnknown(detail: string): void;
  onClosed(session: PairingSession): void;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

type Registration = proto.ClientPayload.IDevicePairingRegistrationData;

/** A connection that has no device yet: it shows QR codes or a pairing code until a phone links it. */
export class PairingSession implements ConnectionOwner {
  /** The codes it may show, each a key into the server's list. */
  readonly refs: string[];
  private wrappedCompanionKey?: Buffer;
  private exchange?: { code: CodeExchange; phone: LinkingPhone; done: Waiting<Companion> };
  private pairing?: { phone: LinkingPhone; number: number; details: Uint8Array; done: Waiting<Companion> };
  private readonly linkRef: Buffer;

  constructor(
    private readonly connection: WireConnection,
    private readonly registration: Registration,
    private readonly noiseKey: Buffer,
    private readonly world: World,
    private readonly events: PairingEvents,
  ) {
    this.refs = Array.from({ length: REF_COUNT }, () => `2@${world.random.bytes(48).toString('base64')}`);
    this.linkRef = world.random.bytes(16);
    connection.label = 'pairing';
  }

  get identity(): Buffer {
    return Buffer.from(this.registration.eIdent ?? []);
  }

  offerRefs(): void {
    const refs = this.refs.map((ref) => stanza('ref', {}, Buffer.from(ref)));
    this.connection.send(
      stanza('iq', { from: FROM_SERVER, type: 'set', id: serverId(), xmlns: 'md' }, [stanza('pair-device', {}, refs)]),
    );
  }

  take(node: BinaryNode): void {
    if (node.tag === 'iq') this.takeIq(node);
    // Clients announce themselves before they are paired; the server does not care.
    else if (node.tag !== 'presence' && node.tag !== 'ib' && node.tag !== 'ack') {
      this.events.onUnknown(JSON.stringify({ tag: node.tag, attrs: node.attrs }));
    }
  }

  closed(): void {
    const error = new Error('the companion closed its connection before it was linked');
    this.exchange?.done.reject(error);
    this.pairing?.done.reject(error);
    this.events.onClosed(this);
  }

  /** Links this companion to the phone's account. `secret` is the one from the QR code or the code exchange. */
  complete(phone: LinkingPhone, secret: Buffer): Promise<Companion> {
    const { account, identity } = phone;
    const number = account.nextDevice++;
    const details = proto.ADVDeviceIdentity.encode({
      rawId: 4242,
      timestamp: Number(wireTime(this.world.clock)),
      keyIndex: number,
      accountType: 0,
      deviceType: 0,
    }).finish();
    const signed = Buffer.concat([ACCOUNT_SIGNATURE, details, this.identity]);
    const signedIdentity = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: identity.public,
      accountSignature: Curve.sign(identity.private, signed),
    }).finish();
    const hmac = createHmac('sha256', secret).update(signedIdentity).digest();
    const sealed = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signedIdentity, hmac }).finish();
    this.connection.send(
      stanza('iq', { from: FROM_SERVER, type: 'set', id: serverId(), xmlns: 'md' }, [
        stanza('pair-success', {}, [
          stanza('device-identity', {}, sealed),
          stanza('platform', { name: 'android' }),
          stanza('device', { jid: account.address('pn', number), lid: account.address('lid', number) }),
        ]),
      ]),
    );
    return new Promise((resolve, reject) => {
      this.pairing = { phone, number, details, done: { resolve, reject } };
    });
  }

  /** Links through a code that a person typed on the phone. Rejects when it is not the code the companion shows. */
  async enterCode(phone: LinkingPhone, code: string): Promise<Companion> {
    if (!this.wrappedCompanionKey) throw new Error('this companion has not asked for a pairing code');
    const exchange = await CodeExchange.begin(code, this.wrappedCompanionKey);
    const done = new Promise<Companion>((resolve, reject) => {
      this.exchange = { code: exchange, phone, done: { resolve, reject } };
    });
    this.connection.send(
      notification('link_code_companion_reg', [
        stanza('link_code_companion_reg', { stage: 'primary_hello' }, [
          stanza('link_code_pairing_wrapped_primary_ephemeral_pub', {}, exchange.wrappedEphemeral),
          stanza('primary_identity_pub', {}, Buffer.from(phone.identity.public)),
          stanza('link_code_pairing_ref', {}, this.linkRef),
        ]),
      ]),
    );
    return done;
  }

  private takeIq(node: BinaryNode): void {
    const signature = child(child(node, 'pair-device-sign'), 'device-identity');
    const link = child(node, 'link_code_companion_reg');
    if (signature) this.takeSignature(bytes(signature));
    else if (link?.attrs.stage === 'companion_hello') this.takeHello(node, link);
    else if (link?.attrs.stage === 'companion_finish') this.takeFinish(node, link);
    else if (node.attrs.xmlns === 'w:p') this.connection.send(iqResult(node));
    else if (node.attrs.type !== 'result') {
      this.events.onUnknown(`iq ${node.attrs.xmlns} ${node.attrs.type} ${children(node)[0]?.tag} before pairing`);
      this.connection.send(iqError(node, 501, 'feature-not-implemented'));
    }
  }

  private takeHello(node: BinaryNode, link: BinaryNode): void {
    const number = jidDecode(link.attrs.jid)?.user ?? '';
    if (!this.events.allowsCode(number)) {
      this.connection.send(iqError(node, 429, errorText(429)));
      return;
    }
    this.wrappedCompanionKey = bytes(child(link, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
    this.connection.send(
      iqResult(node, [
        stanza('link_code_companion_reg', { stage: 'companion_hello' }, [
          stanza('link_code_pairing_ref', {}, this.linkRef),
        ]),
      ]),
    );
    this.events.onCodeRequested(this, number);
  }

  private takeFinish(node: BinaryNode, link: BinaryNode): void {
    this.connection.send(iqResult(node));
    const { exchange } = this;
    if (!exchange) return;
    this.exchange = undefined;
    let secret: Buffer;
    try {
      const bundle = bytes(child(link, 'link_code_pairing_wrapped_key_bundle'));
      secret = exchange.code.finish(bundle, bytes(child(link, 'companion_identity_public')), exchange.phone.identity);
    } catch {
      exchange.done.reject(new Error('wrong pairing code'));
      return;
    }
    this.complete(exchange.phone, secret).then(exchange.done.resolve, exchange.done.reject);
  }

  private takeSignature(content: Buffer): void {
    const { pairing } = this;
    if (!pairing) {
      this.events.onUnknown('pair-device-sign without pairing');
      return;
    }
    this.pairing = undefined;
    const { phone, details, number } = pairing;
    const identity = proto.ADVSignedDeviceIdentity.decode(content);
    const signed = Buffer.concat([DEVICE_SIGNATURE, details, this.identity, phone.identity.public]);
    if (!Curve.verify(this.identity, signed, identity.deviceSignature ?? new Uint8Array(64))) {
      pairing.done.reject(new Error('the companion signed the pairing wrongly'));
      return;
    }
    identity.accountSignatureKey = phone.identity.public;
    const signedIdentity = Buffer.from(proto.ADVSignedDeviceIdentity.encode(identity).finish());
    const companion = this.companion(phone.account, number, signedIdentity);
    phone.account.devices.set(number, companion);
    this.events.onPaired(companion);
    pairing.done.resolve(companion);
    this.connection.send(streamError(515));
    wallClock.after(RESTART_GRACE_MS, () => this.connection.cut());
  }

  private companion(account: Account, number: number, signedIdentity: Buffer): Companion {
    const { eRegid, eSkeyId, eSkeyVal, eSkeySig, deviceProps } = this.registration;
    const signedPreKey = {
      id: unsigned(eSkeyId ?? new Uint8Array()),
      publicKey: Buffer.from(eSkeyVal ?? []),
      signature: Buffer.from(eSkeySig ?? []),
    };
    const registrationId = unsigned(eRegid ?? new Uint8Array());
    const keys = new CompanionKeys(registrationId, this.identity, signedPreKey, signedIdentity);
    const props = deviceProps ? { deviceProps: Buffer.from(deviceProps) } : {};
    return new Companion(account, { number, noiseKey: this.noiseKey, signedIdentity, ...props }, keys);
  }
}

import { createHmac } from 'node:crypto';
import { type BinaryNode, Curve, jidDecode, type KeyPair, proto } from '../baileys.js';
import { type Timer, wallClock } from '../time/clock.js';
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
import { isSignedBy } from './signature.js';

const REF_COUNT = 6;
/** The first code is good for this long, each later one for the other (whatsmeow `qrchan.go`, Baileys `genPairQR`). */
const FIRST_REF_MS = 60_000;
const LATER_REF_MS = 20_000;
/** A phone that scanned in the last moment is still served. */
const REF_GRACE_MS = 5_000;
/** So many lists of codes one connection gets; after the last it is closed. */
const ROUNDS = 2;
/** A pairing code is good for this long; how long exactly at the service is not known. */
const CODE_MS = 180_000;
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
  /** It may show these codes from now on. */
  onRefs(session: PairingSession, refs: readonly string[]): void;
  onPaired(companion: Companion): void;
  onUnknown(detail: string): void;
  /** A signature came that no pairing waits for. */
  onReplay(detail: string): void;
  onClosed(session: PairingSession): void;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

type Registration = proto.ClientPayload.IDevicePairingRegistrationData;

/** A connection that has no device yet: it shows QR codes or a pairing code until a phone links it. */
export class PairingSession implements ConnectionOwner {
  /** All the codes it was given, each a key into the server's list, and until when each is good. */
  private readonly expiries = new Map<string, number>();
  private rounds = 0;
  private roundTimer?: Timer;
  private codeExpiresAt = 0;
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
    this.linkRef = world.random.bytes(16);
    connection.label = 'pairing';
  }

  get identity(): Buffer {
    return Buffer.from(this.registration.eIdent ?? []);
  }

  get refs(): string[] {
    return [...this.expiries.keys()];
  }

  /** True when a code was good once and is no more. */
  hasExpired(ref: string): boolean {
    return (this.expiries.get(ref) ?? 0) < this.world.clock.now();
  }

  /** Gives the client codes to show one after the other, and new ones when it has used them up. */
  offerRefs(): void {
    this.rounds += 1;
    const { clock, random } = this.world;
    const refs = Array.from({ length: REF_COUNT }, () => `2@${random.bytes(48).toString('base64')}`);
    for (const [index, ref] of refs.entries()) {
      this.expiries.set(ref, clock.now() + FIRST_REF_MS + index * LATER_REF_MS + REF_GRACE_MS);
    }
    this.events.onRefs(this, refs);
    const nodes = refs.map((ref) => stanza('ref', {}, Buffer.from(ref)));
    this.connection.send(
      stanza('iq', { from: FROM_SERVER, type: 'set', id: serverId(), xmlns: 'md' }, [stanza('pair-device', {}, nodes)]),
    );
    const lastsMs = FIRST_REF_MS + (REF_COUNT - 1) * LATER_REF_MS + REF_GRACE_MS;
    this.roundTimer = clock.after(lastsMs, () => this.endRound());
  }

  take(node: BinaryNode): void {
    if (node.tag === 'iq') this.takeIq(node);
    // Clients announce themselves before they are paired; the server does not care.
    else if (node.tag !== 'presence' && node.tag !== 'ib' && node.tag !== 'ack') {
      this.events.onUnknown(JSON.stringify({ tag: node.tag, attrs: node.attrs }));
    }
  }

  closed(): void {
    this.roundTimer?.cancel();
    const error = new Error('the companion closed its connection before it was linked');
    this.exchange?.done.reject(error);
    this.pairing?.done.reject(error);
    this.events.onClosed(this);
  }

  private endRound(): void {
    // Whoever waits for a pairing code to be typed shows no QR code.
    if (this.rounds < ROUNDS || this.codeExpiresAt > this.world.clock.now()) {
      this.offerRefs();
      return;
    }
    this.connection.send(streamError(408));
    this.connection.close();
  }

  /** Links this companion to the phone's account. `secret` is the one from the QR code or the code exchange. */
  complete(phone: LinkingPhone, secret: Buffer): Promise<Companion> {
    this.roundTimer?.cancel();
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
    if (this.codeExpiresAt < this.world.clock.now()) throw new Error('this pairing code has expired');
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
    this.codeExpiresAt = this.world.clock.now() + CODE_MS;
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
      this.events.onReplay('a pairing was signed that nobody is making');
      return;
    }
    this.pairing = undefined;
    const { phone, details, number } = pairing;
    const identity = proto.ADVSignedDeviceIdentity.decode(content);
    const signed = Buffer.concat([DEVICE_SIGNATURE, details, this.identity, phone.identity.public]);
    if (!isSignedBy(this.identity, signed, identity.deviceSignature ?? new Uint8Array(64))) {
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

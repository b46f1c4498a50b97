import { createHash } from 'node:crypto';
import type { BinaryNode } from '../baileys.js';
import { bigEndian, bytes, child, children, stanza, unsigned } from '../wire/stanza.js';
import { isSignedBy } from './signature.js';

const LOW_WATER = 5;
const KEY_TYPE = Buffer.from([5]);

export interface PublicKey {
  id: number;
  publicKey: Buffer;
}

export interface SignedPublicKey extends PublicKey {
  signature: Buffer;
}

/** What a sender needs to open a Signal session with a device. */
export interface KeyBundle {
  registrationId: number;
  identity: Buffer;
  signedPreKey: SignedPublicKey;
  oneTimeKey?: PublicKey;
  signedIdentity?: Buffer;
}

export interface DeviceKeys {
  /** A bundle for a new session. A one-time key in it is never handed out again. */
  takeBundle(): KeyBundle;
}

/** The public keys that a companion keeps at the server. */
export class CompanionKeys implements DeviceKeys {
  private readonly oneTimeKeys: PublicKey[] = [];
  private warned = false;
  /** Called once each time the stock of one-time keys falls below five. */
  onLow?: (left: number) => void;

  constructor(
    public registrationId: number,
    public identity: Buffer,
    public signedPreKey: SignedPublicKey,
    private readonly signedIdentity: Buffer,
    oneTimeKeys: PublicKey[] = [],
  ) {
    this.oneTimeKeys.push(...oneTimeKeys);
  }

  get stock(): readonly PublicKey[] {
    return this.oneTimeKeys;
  }

  takeBundle(): KeyBundle {
    const oneTimeKey = this.oneTimeKeys.shift();
    if (this.oneTimeKeys.length < LOW_WATER && !this.warned) {
      this.warned = true;
      this.onLow?.(this.oneTimeKeys.length);
    }
    return {
      registrationId: this.registrationId,
      identity: this.identity,
      signedPreKey: this.signedPreKey,
      oneTimeKey,
      signedIdentity: this.signedIdentity,
    };
  }

  /** Forgets every one-time key, and says that they are low. */
  exhaust(): void {
    this.oneTimeKeys.length = 0;
    this.warned = true;
    this.onLow?.(0);
  }

  /** Takes an upload: identity, signed prekey and further one-time keys. */
  upload(request: BinaryNode): void {
    this.registrationId = unsigned(bytes(child(request, 'registration')));
    this.identity = bytes(child(request, 'identity'));
    this.signedPreKey = signedPublicKey(child(request, 'skey'));
    for (const key of children(child(request, 'list'), 'key')) this.oneTimeKeys.push(publicKey(key));
    this.warned = false;
  }

  /** Takes a new signed prekey. Returns false, and keeps the old one, when the identity has not signed it. */
  rotate(skey: BinaryNode | undefined): boolean {
    const next = signedPublicKey(skey);
    // As Signal keys are signed: with their type in front.
    const signed = Buffer.concat([KEY_TYPE, next.publicKey]);
    if (!isSignedBy(this.identity, signed, next.signature)) return false;
    this.signedPreKey = next;
    return true;
  }

  /** What the client compares with its own keys after a login. */
  digest(): BinaryNode {
    const hash = createHash('sha1').update(this.identity).update(this.signedPreKey.publicKey);
    hash.update(this.signedPreKey.signature);
    for (const key of this.oneTimeKeys) hash.update(key.publicKey);
    return stanza('digest', {}, [
      stanza('registration', {}, bigEndian(this.registrationId, 4)),
      stanza('type', {}, KEY_TYPE),
      stanza('identity', {}, this.identity),
      signedKeyNode(this.signedPreKey),
      stanza(
        'list',
        {},
        this.oneTimeKeys.map((key) => stanza('id', {}, bigEndian(key.id, 3))),
      ),
      stanza('hash', {}, hash.digest()),
    ]);
  }
}

/** One user's entry in the answer to a key request. */
export function bundleNode(jid: string, bundle: KeyBundle): BinaryNode {
  const { oneTimeKey, signedIdentity } = bundle;
  return stanza('user', { jid }, [
    stanza('registration', {}, bigEndian(bundle.registrationId, 4)),
    stanza('type', {}, KEY_TYPE),
    stanza('identity', {}, bundle.identity),
    ...(oneTimeKey
      ? [stanza('key', {}, [stanza('id', {}, bigEndian(oneTimeKey.id, 3)), stanza('value', {}, oneTimeKey.publicKey)])]
      : []),
    signedKeyNode(bundle.signedPreKey),
    ...(signedIdentity ? [stanza('device-identity', {}, signedIdentity)] : []),
  ]);
}

/** The keys that a retry receipt carries from its second attempt on. */
export function retryKeysNode(bundle: KeyBundle): BinaryNode {
  return stanza('keys', {}, [
    stanza('type', {}, KEY_TYPE),
    stanza('identity', {}, bundle.identity),
    signedKeyNode(bundle.signedPreKey),
  ]);
}

const signedKeyNode = (key: SignedPublicKey): BinaryNode =>
  stanza('skey', {}, [
    stanza('id', {}, bigEndian(key.id, 3)),
    stanza('value', {}, key.publicKey),
    stanza('signature', {}, key.signature),
  ]);

const publicKey = (node: BinaryNode | undefined): PublicKey => ({
  id: unsigned(bytes(child(node, 'id'))),
  publicKey: bytes(child(node, 'value')),
});

const signedPublicKey = (node: BinaryNode | undefined): SignedPublicKey => ({
  ...publicKey(node),
  signature: bytes(child(node, 'signature')),
});

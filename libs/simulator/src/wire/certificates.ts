import { Curve, type KeyPair, proto } from '../baileys.js';
import { wallClock } from '../time/clock.js';
import { wireTime } from './stanza.js';

const DAY_S = 86_400;

/** The keys behind a simulated network: who must be trusted and what the server proves itself with. */
export interface NoiseAuthorityKeys {
  root: KeyPair;
  intermediate: KeyPair;
  server: KeyPair;
}

/**
 * The simulator's own certificate authority for the Noise handshake: root → intermediate → leaf over the server's static
 * key, every signature real. A client that trusts `rootPublicKey` verifies the chain as it would WhatsApp's.
 */
export class NoiseAuthority {
  readonly chain: Buffer;

  constructor(readonly keys: NoiseAuthorityKeys = NoiseAuthority.generateKeys()) {
    const now = Number(wireTime(wallClock));
    const valid = { notBefore: now - DAY_S, notAfter: now + 365 * DAY_S };
    const Details = proto.CertChain.NoiseCertificate.Details;
    const { root, intermediate, server } = keys;
    const intermediateDetails = Details.encode({
      serial: 1,
      issuerSerial: 0,
      key: intermediate.public,
      ...valid,
    }).finish();
    const leafDetails = Details.encode({ serial: 2, issuerSerial: 1, key: server.public, ...valid }).finish();
    this.chain = Buffer.from(
      proto.CertChain.encode({
        intermediate: { details: intermediateDetails, signature: Curve.sign(root.private, intermediateDetails) },
        leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
      }).finish(),
    );
  }

  /** What a client sets as its trusted root. */
  get rootPublicKey(): Buffer {
    return Buffer.from(this.keys.root.public);
  }

  static generateKeys(): NoiseAuthorityKeys {
    return {
      root: Curve.generateKeyPair(),
      intermediate: Curve.generateKeyPair(),
      server: Curve.generateKeyPair(),
    };
  }
}

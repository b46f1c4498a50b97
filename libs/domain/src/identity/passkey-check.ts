import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import { errors, newId, type OrganizationId, type UserId } from '#contracts';
import {
  type Database,
  findPasskey,
  insertPasskeyChallenge,
  listPasskeys,
  notePasskeyUse,
  type PasskeyPurpose,
  type PasskeyRow,
  type Tx,
  takePasskeyChallenge,
} from '#database';
import type { PasskeySite } from './passkey-site.js';

/** How long an authenticator may take to answer. */
export const PASSKEY_CHALLENGE_MS = 5 * 60_000;

/** What a browser is handed for `navigator.credentials.get`, and the id under which it answers. */
export interface PasskeyQuestion {
  challengeId: string;
  options: PublicKeyCredentialRequestOptionsJSON;
}

/** What `navigator.credentials.get` gave, as JSON. Its inside is whatever the client sent. */
export interface PasskeyAnswer {
  challengeId: string;
  response: Record<string, unknown>;
}

/** A passkey whose signature was right. Its use has to be noted in the transaction that relies on it. */
export interface ProvenPasskey {
  passkey: PasskeyRow;
  /** @throws passkeyInvalid when a higher counter was noted meanwhile: the passkey exists twice */
  noteUse(tx: Tx): Promise<void>;
}

/** Asks authenticators to sign, and looks at what they answer. */
export class PasskeyCheck {
  constructor(
    private readonly db: Database,
    private readonly site: PasskeySite | null,
  ) {}

  /**
   * A challenge for a known person, or for whoever answers it (`owner` null): authenticators that keep passkeys then say
   * themselves whose they are.
   * @throws passkeysUnavailable
   */
  async ask(
    purpose: Exclude<PasskeyPurpose, 'register'>,
    owner: { userId: UserId; organizationId: OrganizationId } | null,
  ): Promise<PasskeyQuestion> {
    const { rpId } = this.requireSite();
    const known = owner === null ? [] : await listPasskeys(this.db, owner.userId);
    const options = await generateAuthenticationOptions({
      rpID: rpId,
      timeout: PASSKEY_CHALLENGE_MS,
      userVerification: verificationFor(purpose),
      ...(owner !== null && {
        allowCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      }),
    });
    const challengeId = newId<string>();
    await insertPasskeyChallenge(this.db, {
      id: challengeId,
      organizationId: owner?.organizationId ?? null,
      userId: owner?.userId ?? null,
      purpose,
      challenge: options.challenge,
      expiresAt: new Date(Date.now() + PASSKEY_CHALLENGE_MS),
    });
    return { challengeId, options };
  }

  /**
   * Whether the answer is one of this person's passkeys (`userId` null: of anybody's), to a challenge of this purpose.
   * The challenge is used up, whatever comes out.
   * @throws passkeyInvalid, passkeysUnavailable
   */
  async prove(
    purpose: Exclude<PasskeyPurpose, 'register'>,
    answer: PasskeyAnswer,
    userId: UserId | null,
  ): Promise<ProvenPasskey> {
    const site = this.requireSite();
    const asked = await takePasskeyChallenge(this.db, answer.challengeId, purpose);
    const response = answer.response as unknown as AuthenticationResponseJSON;
    if (!asked || asked.userId !== userId || typeof response.id !== 'string') throw errors.passkeyInvalid();
    const passkey = await findPasskey(this.db, response.id);
    if (!passkey || (userId !== null && passkey.userId !== userId)) throw errors.passkeyInvalid();
    const handle = response.response?.userHandle;
    if (handle && handle !== userHandle(passkey.userId)) throw errors.passkeyInvalid();

    const verified = await verify(site, response, asked.challenge, passkey, verificationFor(purpose) === 'required');
    return {
      passkey,
      noteUse: async (tx) => {
        const { newCounter: counter, credentialBackedUp: backedUp } = verified;
        if (!(await notePasskeyUse(tx, passkey.id, { counter, backedUp }))) throw errors.passkeyInvalid();
      },
    };
  }

  private requireSite(): PasskeySite {
    if (this.site === null) throw errors.passkeysUnavailable();
    return this.site;
  }
}

/** A passkey alone stands for two factors only when the authenticator asked for a finger, a face or a PIN. */
function verificationFor(purpose: PasskeyPurpose): 'required' | 'preferred' {
  return purpose === 'second_factor' ? 'preferred' : 'required';
}

/** Anything that the library does not understand in the answer of a client is a wrong answer. */
async function verify(
  site: PasskeySite,
  response: AuthenticationResponseJSON,
  expectedChallenge: string,
  passkey: PasskeyRow,
  requireUserVerification: boolean,
) {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: site.origins,
      expectedRPID: site.rpId,
      requireUserVerification,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
    });
    if (verified) return authenticationInfo;
  } catch (cause) {
    throw errors.passkeyInvalid({ cause });
  }
  throw errors.passkeyInvalid();
}

/** The name of a person towards authenticators, base64url: the bytes of the user id. */
export function userHandle(userId: UserId): string {
  return userHandleBytes(userId).toString('base64url');
}

export function userHandleBytes(userId: UserId): Buffer {
  return Buffer.from(userId.replaceAll('-', ''), 'hex');
}

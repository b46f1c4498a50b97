import type { PasskeyAnswer, PasskeyQuestion } from './account.ts';

/** Whether this browser has passkeys and speaks of them in JSON, as the api does. */
export const hasPasskeys =
  'PublicKeyCredential' in window && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

/** Lets the person answer with a passkey. @returns null when they thought better of it */
export async function askPasskey({ challengeId, options }: PasskeyQuestion): Promise<PasskeyAnswer | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  try {
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
    return credential && { challengeId, response: credential.toJSON() };
  } catch (error) {
    // The browser says the same for "cancelled" and "took too long", so that pages cannot tell.
    if (error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name)) return null;
    throw error;
  }
}

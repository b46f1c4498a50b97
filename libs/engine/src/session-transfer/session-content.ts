import { type Address, joinAddresses, parseJid } from '../address.js';
import { EngineError } from '../engine.js';

/** A linked session outside of any store: what `ProfileStore` keeps for it, in the same bytes. */
export interface SessionContent {
  credentials: Uint8Array;
  keys: SessionKey[];
}

export interface SessionKey {
  /** As Baileys names the kinds of Signal keys: session, pre-key, sender-key … */
  type: string;
  id: string;
  value: Uint8Array;
}

/**
 * Whether a key goes with the session to another place. How far the phone's settings were told stays behind, with what
 * they were told to: in the new place they are fetched from the beginning.
 */
export function isTakenAlong({ type }: SessionKey): boolean {
  return type !== 'app-state-sync-version';
}

/** Whose session it is. */
export interface SessionOwner {
  address: Address;
  pushName: string | null;
}

interface StoredMe {
  id?: string;
  lid?: string;
  name?: string;
}

/**
 * Reads from credentials whose they are.
 * @throws EngineError `session_unreadable` when they are none, or of a device that no phone has accepted
 */
export function sessionOwner(credentials: Uint8Array): SessionOwner {
  const stored = parsed(credentials) as {
    version?: number;
    creds?: { me?: StoredMe; account?: unknown; noiseKey?: unknown };
  };
  const { me, account, noiseKey } = stored.creds ?? {};
  const address = joinAddresses(parseJid(me?.id), parseJid(me?.lid));
  if (stored.version !== 1 || !noiseKey || !account || !address?.phone) {
    throw sessionUnreadable('it is not the session of a linked device');
  }
  return { address, pushName: me?.name && me.name !== '~' ? me.name : null };
}

export function sessionUnreadable(why: string, cause?: unknown): EngineError {
  return new EngineError('session_unreadable', `This session cannot be read: ${why}.`, {
    retryable: false,
    outcome: 'not_sent',
    cause,
  });
}

function parsed(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (cause) {
    throw sessionUnreadable('its credentials are damaged', cause);
  }
}

import type { ChatAddress, MessageTarget } from '#engine';
import type { ConnectionHealth } from './connection-health.js';

/**
 * What the api asks of the engine process that holds a profile: `POST /internal/profiles/<id>/<name>` with the body, as
 * JSON, answered by `{ "data": … }` or `{ "error": { "code", "message" } }`. Both sides are typed by this.
 */
export interface EngineCalls {
  /** Waits until WhatsApp is ready for pairing, then asks for a code. */
  'pairing-code': { body: { phone: string }; answer: { code: string } };
  /** Tells the other party that messages were read. */
  read: {
    body: { chat: ChatAddress; messages: Pick<MessageTarget, 'waMessageId' | 'author'>[] };
    answer: Record<string, never>;
  };
  /** Shows "typing…" at the other party. */
  typing: {
    body: { chat: ChatAddress; state: 'composing' | 'recording' | 'paused' };
    answer: Record<string, never>;
  };
  /** Calls a method of an ability (`engine/abilities`); arguments and result packed (plain-values.ts). */
  ability: { body: { ability: string; method: string; args: unknown[] }; answer: { result: unknown } };
  /** Opens the connection anew, with the same link. */
  restart: { body: Record<string, never>; answer: Record<string, never> };
  /** What is measured; null while there is no connection to measure. */
  health: { body: Record<string, never>; answer: ConnectionHealth | null };
}
export type EngineCallName = keyof EngineCalls;

/** Why the owner could not do what was asked; beside these the codes of EngineError. */
export const engineRefusals = {
  /** This process does not hold the profile (any more). */
  notHeld: 'not_held',
  /** It needs a live connection. */
  notConnected: 'not_connected',
  /** A pairing code was asked for a linked profile. */
  alreadyLinked: 'already_linked',
  /** WhatsApp did not become ready for pairing in time. */
  notPairing: 'not_pairing',
  /** The engine does not have this ability. */
  noAbility: 'not_supported',
} as const;

/** The path of a call. */
export function engineCallPath(profileId: string, name: EngineCallName): string {
  return `/internal/profiles/${profileId}/${name}`;
}

/** How long pairing may take to become possible after a connect. */
export const PAIRING_READY_MS = 20_000;

import type { ConnectionCode } from '#contracts';
import { backoffDelay } from './backoff.js';

/** Why a socket ended, as Baileys or the server said it. */
export interface Ending {
  /** Baileys' `DisconnectReason`, a stream error's code, or the reason of a refused login. */
  statusCode: number | null;
  message: string;
  /** Seconds until a temporary ban ends, when the server told it. */
  expireSeconds?: number;
  /** The proxy was at fault. */
  proxy?: 'unreachable' | 'refused';
}

export interface Circumstances {
  isLinked: boolean;
  /** The phone accepted this device on the socket that ended. */
  justLinked: boolean;
  /** Attempts since a connection last held. */
  failures: number;
  /** How often in a row WhatsApp has said, until this time, that the number connects too often. */
  throttled: number;
  random?: () => number;
}

export type Decision =
  /** Only a person can do something now. */
  | { kind: 'stop'; code: ConnectionCode; endsLink?: true }
  | {
      kind: 'retry';
      code: ConnectionCode;
      delayMs: number;
      /** WhatsApp asked for the pause: it lasts over a restart of ours, which would otherwise make things worse. */
      isAsked?: true;
    };

const firstDelayMs = 1_000;
const maxDelayMs = 60_000;
const conflictFirstMs = 30_000;
const slowMaxMs = 10 * 60_000;
/**
 * Pauses after one 429 after the other. Operators measured refusals for half an hour, shorter in the beginning, that
 * begin anew with each restart of the process (oxidezap/baileyrs, README).
 */
const throttleSteps = [10_000, 150_000, 800_000, 900_000];
const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/**
 * What follows the end of a socket. Everything is retried for ever except a definite end of the link, a locked account,
 * and a QR code that nobody scanned. The codes are those of WhatsApp Web's `failure` and `stream:error` stanzas.
 */
export function decide(ending: Ending, circumstances: Circumstances): Decision {
  const { failures, random } = circumstances;
  const retry = (code: ConnectionCode, firstMs = firstDelayMs, maxMs = maxDelayMs): Decision => ({
    kind: 'retry',
    code,
    delayMs: backoffDelay(failures, firstMs, maxMs, random),
  });
  if (ending.proxy) return retry(ending.proxy === 'refused' ? 'proxy_refused' : 'proxy_unreachable');
  switch (ending.statusCode) {
    case 515:
      return { kind: 'retry', code: circumstances.justLinked ? 'pairing_accepted' : 'server_restarted', delayMs: 0 };
    case 401:
      if (circumstances.isLinked) return { kind: 'stop', code: 'logged_out_from_phone', endsLink: true };
      return retry('connecting');
    case 440:
      return retry('conflict', conflictFirstMs, slowMaxMs);
    case 402: {
      const delayMs = Math.min(Math.max((ending.expireSeconds ?? 3600) * 1000, 60_000), dayMs);
      return { kind: 'retry', code: 'account_restricted', delayMs, isAsked: true };
    }
    case 429: {
      const step = throttleSteps[Math.min(circumstances.throttled, throttleSteps.length - 1)]!;
      const delayMs = Math.round(step * (1 + (random ?? Math.random)() / 2));
      return { kind: 'retry', code: 'rate_limited', delayMs, isAsked: true };
    }
    case 403:
    case 406:
      return { kind: 'stop', code: 'account_restricted' };
    case 405:
    case 409:
      return { kind: 'retry', code: 'client_outdated', delayMs: hourMs };
    case 408:
      if (!circumstances.isLinked && ending.message.includes('QR refs'))
        return { kind: 'stop', code: 'pairing_expired' };
      break;
  }
  return retry(circumstances.isLinked ? 'connection_lost' : 'connecting');
}

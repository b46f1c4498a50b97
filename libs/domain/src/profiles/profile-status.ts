import { type ConnectionCode, type ConnectionState, connectionCodes, type UserAction } from '#contracts';
import type { ProfileRow } from '#database';
import type { ConnectionHealth } from './connection-health.js';

/** The measured connection of a profile, in words for people and codes for programs. */
export interface ProfileStatus {
  profileId: string;
  name: string;
  state: ConnectionState;
  code: ConnectionCode;
  sentence: string;
  userAction: UserAction;
  since: Date;
  /** What its people want. The state follows. */
  desiredState: ProfileRow['desiredState'];
  phoneNumber: string | null;
  lid: string | null;
  pushName: string | null;
  lastConnectedAt: Date | null;
  /** What the engine that holds it measured; null when none holds it or it did not answer. */
  health: ConnectionHealth | null;
}

/**
 * The code of a profile's state as it is now. What an engine measured counts as long as it holds the profile: when it
 * died, nobody knows whether the number is connected, and the next engine will find out.
 */
export function currentCode(row: ProfileRow): ConnectionCode {
  const isMeasured = row.isHeld || ['disconnected', 'logged_out', 'error'].includes(row.state);
  return isMeasured || unmeasured.includes(row.code) ? row.code : 'waiting_for_engine';
}

/** Codes that say themselves that no engine is at work. */
const unmeasured: readonly ConnectionCode[] = ['waiting_for_engine', 'handed_over', 'logging_out'];

export function statusOf(row: ProfileRow, health: ConnectionHealth | null): ProfileStatus {
  const code = currentCode(row);
  const { state, sentence, action } = connectionCodes[code];
  return {
    profileId: row.id,
    name: row.name,
    state,
    code,
    sentence,
    userAction: action,
    since: row.since,
    desiredState: row.desiredState,
    phoneNumber: row.phoneNumber,
    lid: row.lid,
    pushName: row.pushName,
    lastConnectedAt: row.lastConnectedAt,
    health,
  };
}

import { type ConnectionCode, type ConnectionState, connectionCodes, type UserAction } from '#contracts';
import type { ProfileRow } from '#database';
import type { ConnectionHealth } from './engine-calls.js';

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

export function statusOf(row: ProfileRow, health: ConnectionHealth | null): ProfileStatus {
  const { sentence, action } = connectionCodes[row.code];
  return {
    profileId: row.id,
    name: row.name,
    state: row.state,
    code: row.code,
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

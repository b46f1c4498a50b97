import { newId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

export type CallRowState = 'ringing' | 'accepted' | 'rejected' | 'missed' | 'ended';

/** A step of a call, as it was told. */
export interface CallStep {
  waCallId: string;
  personId: string;
  groupRoomId: string | null;
  /** Null: not said. */
  isVideo: boolean | null;
  state: CallRowState;
  reason: string | null;
  at: Date;
}

export interface CallRow {
  callId: string;
  waCallId: string;
  personId: string;
  groupRoomId: string | null;
  isVideo: boolean;
  state: CallRowState;
  reason: string | null;
  startedAt: Date;
  endedAt: Date | null;
}

/** From where to where a call may go: what comes late or twice changes nothing. */
const advances = `(
     calls.state = 'ringing' and excluded.state <> 'ringing'
  or calls.state = 'accepted' and excluded.state = 'ended')`;

/** A call that ends while it still rings was missed. */
const nextState = `case when calls.state = 'ringing' and excluded.state = 'ended' then 'missed' else excluded.state end`;

const callColumns = `id as "callId", wa_call_id as "waCallId", person_id as "personId",
  group_room_id as "groupRoomId", is_video as "isVideo", state, reason, started_at as "startedAt", ended_at as "endedAt"`;

/** Keeps steps of calls, each call once. @returns the calls that came further by it, or are new */
export function advanceCalls(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  steps: CallStep[],
): Promise<CallRow[]> {
  const sorted = [...steps].sort((a, b) => (a.waCallId < b.waCallId ? -1 : 1));
  return tx.query<CallRow>(
    `insert into calls (id, organization_id, profile_id, wa_call_id, person_id, group_room_id, is_video, state, reason,
                        started_at, ended_at)
     select new.id, $1, $2, new.wa_call_id, new.person_id, new.room_id, coalesce(new.is_video, false), new.state,
            new.reason, new.at, case when new.state in ('rejected', 'missed', 'ended') then new.at end
       from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::boolean[], $8::text[], $9::text[],
                   $10::timestamptz[]) with ordinality
              as new (id, wa_call_id, person_id, room_id, is_video, state, reason, at, position)
      order by new.position
     on conflict (profile_id, wa_call_id) do update
        set state = ${nextState}, reason = coalesce(excluded.reason, calls.reason),
            ended_at = case when excluded.state = 'accepted' then null else excluded.started_at end
      where ${advances}
     returning ${callColumns}`,
    [
      owner.organizationId,
      owner.profileId,
      sorted.map(() => newId()),
      sorted.map((step) => step.waCallId),
      sorted.map((step) => step.personId),
      sorted.map((step) => step.groupRoomId),
      sorted.map((step) => step.isVideo),
      sorted.map((step) => step.state),
      sorted.map((step) => step.reason),
      sorted.map((step) => step.at),
    ],
    { name: 'calls_advance' },
  );
}

/** Removes up to `limit` calls of a profile that began before a moment. */
export async function removeOldCalls(db: Database, profileId: string, before: Date, limit: number): Promise<number> {
  const gone = await db.query(
    `delete from calls where id in (
       select id from calls where profile_id = $1 and started_at < $2 order by started_at limit $3) returning 1`,
    [profileId, before, limit],
  );
  return gone.length;
}

import type { NewEvent } from '#contracts';
import { advanceCalls, type CallRow, type CallRowState, readParties, resolvePersons } from '#database';
import { groupChat, toChatJid } from '#engine';
import { mergeEvents } from '../messaging/message-events.js';
import type { FactHandler, FactHandlers, FactOf } from './fact-recorder.js';

const eventOf = {
  ringing: 'call.received',
  accepted: 'call.accepted',
  rejected: 'call.rejected',
  missed: 'call.missed',
  ended: 'call.ended',
} as const satisfies Record<CallRowState, string>;

const called: FactHandler<'call'> = async (tx, { lease }, facts) => {
  const { organizationId, profileId } = lease;
  const { personIds, merges } = await resolvePersons(
    tx,
    organizationId,
    facts.map(({ from }) => from),
  );
  const personOf = new Map(facts.map((fact, index) => [fact, personIds[index]!]));
  const rows: CallRow[] = [];
  for (const steps of rounds(facts)) {
    const news = steps.map((fact) => ({
      waCallId: fact.callId,
      personId: personOf.get(fact)!,
      groupRoomId: fact.groupId,
      isVideo: fact.isVideo,
      state: fact.state,
      reason: fact.reason,
      at: fact.at,
    }));
    rows.push(...(await advanceCalls(tx, lease, news)));
  }
  if (rows.length === 0) return mergeEvents(merges);
  const parties = await readParties(
    tx,
    profileId,
    rows.map(({ personId }) => personId),
  );
  const told = rows.map(
    (row, index): NewEvent => ({
      organizationId,
      profileId,
      name: eventOf[row.state],
      actor: { kind: 'whatsapp' },
      payload: {
        callId: row.callId,
        waCallId: row.waCallId,
        from: parties[index]!,
        groupChatId: row.groupRoomId && toChatJid(groupChat(row.groupRoomId)),
        isVideo: row.isVideo,
        reason: row.reason,
        startedAt: row.startedAt.toISOString(),
        endedAt: row.endedAt?.toISOString() ?? null,
      },
    }),
  );
  return [...mergeEvents(merges), ...told];
};

/** Calls to the account. */
export const callFactHandlers: FactHandlers = { call: called };

/** The steps in their order, each call once in a round: a call has few steps, so there are few rounds. */
function rounds(facts: FactOf<'call'>[]): FactOf<'call'>[][] {
  const result: FactOf<'call'>[][] = [];
  const seen = new Map<string, number>();
  for (const fact of facts) {
    const round = seen.get(fact.callId) ?? 0;
    seen.set(fact.callId, round + 1);
    result[round] ??= [];
    result[round].push(fact);
  }
  return result;
}

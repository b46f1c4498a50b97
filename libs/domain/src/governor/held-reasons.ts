import { type NewEvent, type SendHoldCode, sendHolds } from '#contracts';
import type { ClaimPlan } from './claim-plan.js';
import type { GovernorState } from './governor-state.js';
import { type Lane, lanes } from './send-class.js';

/** Whose log is told. */
export interface ToldProfile {
  organizationId: string;
  profileId: string;
}

/** A reason that holds something back that is due. */
interface Held {
  code: SendHoldCode;
  until: number;
  lanes: Lane[];
}

/**
 * What has to be told when of these closed classes something is due: once when a reason begins to hold something back,
 * once when it holds nothing back any more. Null when everything was told.
 */
export function tellHeld(
  profile: ToldProfile,
  state: GovernorState,
  closed: ClaimPlan['closed'],
): { told: string[]; events: NewEvent[] } | null {
  const held = new Map<SendHoldCode, Held>();
  for (const { send, hold } of closed) {
    if (!sendHolds[hold.code].isTold) continue;
    const known = held.get(hold.code) ?? { ...hold, lanes: [] };
    held.set(hold.code, { ...known, until: Math.min(known.until, hold.until), lanes: [...known.lanes, send.lane] });
  }
  const { told } = state.rest;
  const begun = [...held.values()].filter(({ code }) => !told.includes(code));
  const over = told.filter((code) => !held.has(code as SendHoldCode));
  if (begun.length + over.length === 0) return null;
  const base = { ...profile, actor: { kind: 'system' } } as const;
  const events = [
    ...over.map((code): NewEvent => ({ ...base, name: 'sending.resumed', payload: { code } })),
    ...begun.map(
      ({ code, until, lanes: of }): NewEvent => ({
        ...base,
        name: 'sending.held',
        payload: {
          code,
          sentence: sendHolds[code].sentence,
          until: new Date(until).toISOString(),
          lanes: lanes.filter((lane) => of.includes(lane)),
        },
      }),
    ),
  ];
  return { told: [...held.keys()], events };
}

/** What happened to circuit and time-lock between two states. */
export function tellChanges(profile: ToldProfile, before: GovernorState, after: GovernorState): NewEvent[] {
  const base = { ...profile, actor: { kind: 'system' } } as const;
  const events: NewEvent[] = [];
  const [circuit, was] = [after.rest.circuit, before.rest.circuit];
  const iso = (at: number) => new Date(at).toISOString();
  if (circuit && circuit.until !== was?.until) {
    events.push({ ...base, name: 'sending.circuit_opened', payload: { until: iso(circuit.until) } });
  }
  if (!circuit && was) events.push({ ...base, name: 'sending.circuit_closed', payload: {} });
  const [lock, wasLock] = [after.rest.timeLock, before.rest.timeLock];
  if (lock && (lock.until !== wasLock?.until || lock.scope !== wasLock.scope)) {
    events.push({
      ...base,
      actor: { kind: 'whatsapp' },
      name: 'sending.time_locked',
      payload: { until: iso(lock.until), isNamed: lock.isNamed, scope: lock.scope },
    });
  }
  if (!lock && wasLock) events.push({ ...base, name: 'sending.time_lock_ended', payload: {} });
  return events;
}

import type { GovernorRow, PolicyRow } from '#database';
import { freshMemory, type GovernorMemory, type GovernorState } from './governor-state.js';
import { defaultSendPolicy, type SendPolicy } from './send-policy.js';

/** The policy of a row: what was chosen, and the defaults for the rest. */
export function policyOf({ policy }: Pick<PolicyRow, 'policy'>): SendPolicy {
  return { ...defaultSendPolicy, ...(policy as Partial<SendPolicy>) };
}

export function stateOf(row: GovernorRow): GovernorState {
  const { day, sent, unsolicited, newContacts } = row;
  return {
    day,
    sent,
    unsolicited,
    newContacts,
    minute: { at: row.minuteAt.getTime(), counts: row.minuteCounts },
    hour: { at: row.hourAt.getTime(), counts: row.hourCounts },
    lastSentAt: row.lastSentAt?.getTime() ?? null,
    nextSlotAt: row.nextSlotAt?.getTime() ?? null,
    rest: { ...freshMemory(), ...(row.state as Partial<GovernorMemory>) },
  };
}

export function rowOf(state: GovernorState): GovernorRow {
  const { day, sent, unsolicited, newContacts, minute, hour } = state;
  return {
    day,
    sent,
    unsolicited,
    newContacts,
    minuteAt: new Date(minute.at),
    minuteCounts: minute.counts,
    hourAt: new Date(hour.at),
    hourCounts: hour.counts,
    lastSentAt: state.lastSentAt === null ? null : new Date(state.lastSentAt),
    nextSlotAt: state.nextSlotAt === null ? null : new Date(state.nextSlotAt),
    state: { ...state.rest },
  };
}

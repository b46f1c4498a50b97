import { type SendHoldCode, sendHolds } from '#contracts';
import { findWaiting, type Tx, type WaitingRow } from '#database';
import { holdOf } from './decide.js';
import { policyOf, stateOf } from './governor-row.js';
import { freshState } from './governor-state.js';
import { lanes, type Standing, standings } from './send-class.js';
import type { SendPolicy } from './send-policy.js';

/** Why a message waits. */
export interface WaitingFor {
  code: SendHoldCode;
  sentence: string;
  /** Not before then; null when that is not known. */
  until: Date | null;
}

/** The lane of what rests with its paused broadcast. */
const RESTING = 2;

/** Why these messages wait, by id; those that do not wait are absent. */
export async function waitingFor(tx: Pick<Tx, 'query'>, messageIds: string[]): Promise<Map<string, WaitingFor>> {
  if (messageIds.length === 0) return new Map();
  const rows = await findWaiting(tx, messageIds);
  return new Map(rows.map((row) => [row.messageId, reasonOf(row)]));
}

function reasonOf(row: WaitingRow): WaitingFor {
  const { at, notBefore, governor } = row;
  if (row.lane === RESTING) return { code: 'broadcast_paused', ...sentenceOf('broadcast_paused'), until: null };
  if (notBefore > at) return { code: 'scheduled', ...sentenceOf('scheduled'), until: notBefore };
  if (!row.isConnected) return { code: 'not_connected', ...sentenceOf('not_connected'), until: null };
  const policy = policyOf(row);
  const now = at.getTime();
  const state = governor ? stateOf(governor) : freshState(policy, now);
  const standing = standingAt(standings[row.standing]!, row.lastInboundAt, policy, now);
  const hold = holdOf(policy, state, { lane: lanes[row.lane]!, standing }, now);
  if (!hold) return { code: 'in_line', ...sentenceOf('in_line'), until: null };
  return { code: hold.code, ...sentenceOf(hold.code), until: new Date(hold.until) };
}

/** A conversation that was service when it was looked at last is `known` once its window is over. */
export function standingAt(
  before: Standing,
  lastInboundAt: Date | null,
  { serviceWindowHours }: SendPolicy,
  now: number,
): Standing {
  if (before !== 'service' || lastInboundAt === null) return before;
  return now - lastInboundAt.getTime() > serviceWindowHours * 3_600_000 ? 'known' : 'service';
}

function sentenceOf(code: SendHoldCode) {
  return { sentence: sendHolds[code].sentence };
}

import { type CatalogueError, errors, type MessageContent, type SendHoldCode } from '#contracts';
import { findRecentTexts, findSendPolicy, findStandings, type Lane, type Tx } from '#database';
import { type Hold, holdOf } from './decide.js';
import { policyOf, stateOf } from './governor-row.js';
import { freshState } from './governor-state.js';
import { policyState } from './policy-state.js';
import { standingAt } from './waiting-for.js';

/** What a profile's rules refuse before it is accepted. Nothing, as a rule. */
export interface RefusalRules {
  /** 0: nothing is a repeat. */
  repeatWithinSeconds: number;
  refusesHeld: boolean;
}

/** A message that is about to be accepted. */
export interface Arriving {
  conversationId: string;
  content: MessageContent;
}

/**
 * Refuses what a profile's rules refuse, in the transaction that would accept it. Two requests that say the same at the
 * same moment meet at the conversation: one of them is refused.
 * @throws errors.repeatSuppressed, dailyLimitReached, coldDailyLimitReached, coldCircuitOpen, sendingHeld
 */
export async function assertAcceptable(
  tx: Tx,
  owner: { organizationId: string; profileId: string; lane: Lane },
  rules: RefusalRules,
  arriving: Arriving[],
): Promise<void> {
  if (rules.repeatWithinSeconds > 0) await assertNoRepeat(tx, rules.repeatWithinSeconds, arriving);
  if (rules.refusesHeld) await assertNotHeld(tx, owner, arriving);
}

async function assertNoRepeat(tx: Tx, withinSeconds: number, arriving: Arriving[]): Promise<void> {
  const texts = arriving.flatMap(({ conversationId, content }) =>
    content.kind === 'text' ? { conversationId, text: content.text } : [],
  );
  if (texts.length === 0) return;
  const now = Date.now();
  const recent = await findRecentTexts(
    tx,
    [...new Set(texts.map(({ conversationId }) => conversationId))],
    new Date(now - withinSeconds * 1_000),
  );
  const known = new Map(recent.map(({ conversationId, text, at }) => [keyOf(conversationId, text), at.getTime()]));
  for (const { conversationId, text } of texts) {
    const key = keyOf(conversationId, text);
    const at = known.get(key);
    if (at !== undefined) {
      const retryAfterSeconds = Math.max(1, Math.ceil((at - now) / 1_000 + withinSeconds));
      throw errors.repeatSuppressed({ retryAfterSeconds, details: { conversationId, withinSeconds } });
    }
    known.set(key, now);
  }
}

/** What lasts is refused; what passes by itself within the hour or so is waited for. */
const refusable: Partial<Record<SendHoldCode, keyof typeof errors>> = {
  daily_limit: 'dailyLimitReached',
  campaign_share: 'dailyLimitReached',
  warm_up: 'coldDailyLimitReached',
  cold_daily_limit: 'coldDailyLimitReached',
  new_contact_daily_limit: 'coldDailyLimitReached',
  circuit_open: 'coldCircuitOpen',
  time_lock: 'sendingHeld',
};

async function assertNotHeld(
  tx: Tx,
  { organizationId, profileId, lane }: { organizationId: string; profileId: string; lane: Lane },
  arriving: Arriving[],
): Promise<void> {
  const row = (await findSendPolicy(tx, organizationId, profileId))!;
  const ids = [...new Set(arriving.map(({ conversationId }) => conversationId))];
  const policy = policyOf(row);
  const now = row.at.getTime();
  const state = row.governor ? stateOf(row.governor) : freshState(policy, now);
  for (const { lastInboundAt, isUser } of (await findStandings(tx, ids)).values()) {
    const first = lastInboundAt !== null ? 'service' : isUser ? 'new' : 'known';
    const hold = holdOf(policy, state, { lane, standing: standingAt(first, lastInboundAt, policy, now) }, now);
    if (hold && refusable[hold.code]) throw refusalOf(hold, policyState(policy, state, now), now);
  }
}

function refusalOf(hold: Hold, { limits }: ReturnType<typeof policyState>, now: number): CatalogueError {
  const use = limits.find(({ code }) => code === hold.code);
  const until = new Date(hold.until).toISOString();
  return errors[refusable[hold.code]!]({
    retryAfterSeconds: Math.max(1, Math.ceil((hold.until - now) / 1_000)),
    details: { code: hold.code, resetAt: until, ...(use ? { limit: use.limit, count: use.used } : {}) },
  });
}

function keyOf(conversationId: string, text: string): string {
  return `${conversationId} ${text}`;
}

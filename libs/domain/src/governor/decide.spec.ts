import { afterClaim } from './counting.js';
import { holdOf } from './decide.js';
import { freshState } from './governor-state.js';
import type { SendClass } from './send-class.js';
import { defaultSendPolicy, type SendPolicy } from './send-policy.js';
import { typingFor } from './typing-time.js';

const now = Date.parse('2026-11-20T12:00:00Z');
const day = 24 * 3_600_000;
const service: SendClass = { lane: 'interactive', standing: 'service' };
const known: SendClass = { lane: 'interactive', standing: 'known' };
const stranger: SendClass = { lane: 'interactive', standing: 'new' };
const campaign: SendClass = { lane: 'campaign', standing: 'service' };

/** The reason that holds a send back after `count` sends of a kind. */
function heldAfter(rules: Partial<SendPolicy>, sends: SendClass[], next: SendClass, at = now) {
  const policy = { ...defaultSendPolicy, ...rules };
  const state = afterClaim(
    freshState(policy, now),
    policy,
    sends.map((send) => ({ ...send, isCounted: false })),
    now,
  );
  return holdOf(policy, state, next, at)?.code ?? null;
}
const times = (count: number, send: SendClass) => Array<SendClass>(count).fill(send);

describe('the send governor', () => {
  it('holds nothing back by default', () => {
    for (const send of [service, known, stranger, campaign])
      expect(heldAfter({}, times(5_000, stranger), send)).toBeNull();
  });

  it.each<[string, Partial<SendPolicy>, SendClass[], SendClass, string | null]>([
    ['all, when the day is used', { dailyMessageLimit: 3 }, times(3, service), service, 'daily_limit'],
    ['campaigns, at their share', { dailyMessageLimit: 10 }, times(8, service), campaign, 'campaign_share'],
    ['no conversation at the share', { dailyMessageLimit: 10 }, times(8, service), service, null],
    ['cold ones, when theirs is used', { coldDailyLimit: 2 }, times(2, stranger), known, 'cold_daily_limit'],
    ['no answer because of cold ones', { coldDailyLimit: 2 }, times(2, stranger), service, null],
    ['strangers', { newContactDailyLimit: 1 }, times(1, stranger), stranger, 'new_contact_daily_limit'],
    ['nobody else because of strangers', { newContactDailyLimit: 1 }, times(1, stranger), known, null],
    ['all within the minute', { minuteLimit: 2 }, times(2, service), service, 'minute_limit'],
    ['all within the hour', { hourLimit: 2 }, times(2, service), service, 'hour_limit'],
    ['all in the pause', { messageDelayMs: 1_000 }, times(1, service), service, 'pace'],
  ])('holds back %s', (_what, rules, sends, next, code) => {
    expect(heldAfter(rules, sends, next)).toBe(code);
    expect(heldAfter(rules, sends, next, now + day)).toBeNull();
  });

  it('lets a number grow day by day, and start again after a long silence', () => {
    const rules = {
      ...{ warmupEnabled: true, warmupStartPerDay: 10, warmupRampDays: 10, coldDailyLimit: 110 },
      warmupStartedAt: new Date(now).toISOString(),
    };
    const policy = { ...defaultSendPolicy, ...rules };
    const allowed = (at: number, lastSentAt: number | null) => {
      const fresh = { ...freshState(policy, at), lastSentAt };
      for (let sent = 0; ; sent++) {
        const hold = holdOf(policy, { ...fresh, sent, unsolicited: sent }, known, at);
        if (hold) return `${sent} ${hold.code}`;
      }
    };
    expect([0, 1, 5, 9, 10].map((days) => allowed(now + days * day, now))).toEqual([
      '10 warm_up',
      '20 warm_up',
      '60 warm_up',
      '100 warm_up',
      '110 cold_daily_limit',
    ]);
    expect(allowed(now + 60 * day, now)).toBe('10 warm_up');
    expect(heldAfter(rules, times(10, known), service)).toBeNull();
  });

  it('types as long as a person would, within its bounds', () => {
    const policy = { ...defaultSendPolicy, typingEnabled: true, typingMsPerCharacter: 100, typingMaxMs: 3_000 };
    const text = (length: number) => ({ kind: 'text', text: 'x'.repeat(length) }) as const;
    expect(typingFor(policy, text(10), () => 0.5)).toEqual({ state: 'composing', ms: 1_000 });
    expect(typingFor(policy, text(10), () => 0)).toEqual({ state: 'composing', ms: 750 });
    expect(typingFor(policy, text(500), () => 0.5)!.ms).toBe(3_000);
    expect(typingFor(defaultSendPolicy, text(10), () => 0.5)).toBeNull();
  });
});

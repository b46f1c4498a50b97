import { INTERACTIVE_IN_A_ROW } from './claim-plan.js';
import type { CountedSend } from './decide.js';
import { type Claimed, GovernedWorld, type Observer, type Sent, seeded } from './governed-world.for-spec.js';
import { type GovernorState, LONGEST_IN_HAND_MS } from './governor-state.js';
import { isUnsolicited } from './send-class.js';
import { defaultSendPolicy, isPaced, type SendPolicy } from './send-policy.js';

/** `npm run test:property` sends a million; every run of the tests a few thousand. */
const SENDS = Number(process.env.PROPERTY_SENDS ?? 30_000);
const SENDS_PER_WORLD = 1_500;
const HOUR = 3_600_000;

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia'];
/** Around changes of clocks in several of the zones, and an ordinary day. */
const starts = [
  '2026-03-28T20:00:00Z',
  '2026-10-24T18:00:00Z',
  '2026-11-01T00:00:00Z',
  '2026-04-04T10:00:00Z',
  '2027-02-10T05:30:00Z',
];

function randomPolicy(random: () => number, start: number): SendPolicy {
  const pick = <T>(...values: T[]) => values[Math.floor(random() * values.length)]!;
  const limit = (...values: number[]) => pick(null, null, ...values);
  const dailyMessageLimit = limit(8, 60, 500);
  return {
    ...defaultSendPolicy,
    messageDelayMs: pick(0, 0, 250, 1_500, 30_000),
    messageDelayJitterMs: pick(0, 0, 1_000),
    typingEnabled: pick(true, false),
    minuteLimit: limit(1, 7, 40),
    hourLimit: limit(5, 120, 400),
    dailyMessageLimit,
    coldDailyLimit: limit(3, 50, 250),
    newContactDailyLimit: limit(2, 20),
    campaignSharePercent: pick(1, 50, 80, 100),
    serviceWindowHours: pick(1, 24, 72),
    warmupEnabled: pick(true, false, false),
    warmupStartPerDay: pick(1, 20),
    warmupRampDays: pick(1, 7, 30),
    warmupStartedAt: new Date(start - pick(0, 3, 20) * 24 * HOUR).toISOString(),
    warmupRestartIdleDays: pick(null, 1, 30),
    quietHours: pick(
      null,
      { from: '22:00', to: '08:00' },
      { from: '01:30', to: '02:30' },
      { from: '12:00', to: '13:00' },
    ),
    quietHoursFor: pick('campaign', 'unsolicited', 'everything'),
    timeZone: pick(...zones),
    circuitBreaker: pick(true, true, false),
    timeLockGuard: pick(true, true, false),
  };
}

/** Looks on from outside, with arithmetic of its own, and says what is broken. */
class Checker implements Observer {
  sends = 0;
  repeats = 0;
  world!: GovernedWorld;
  private readonly times: number[] = [];
  private day = '';
  private perDay = { sent: 0, unsolicited: 0, newContacts: 0 };
  private lastBegin: { at: number; heldAt: number; countedAt: number } | null = null;
  private lastEnd: number | null = null;
  private forwardJumps: number[] = [];
  private jumpedAt = 0;
  private lockedFrom: { at: number; until: number } | null = null;
  private readonly clockOf: Intl.DateTimeFormat;

  constructor(private readonly policy: SendPolicy) {
    this.clockOf = new Intl.DateTimeFormat('sv-SE', {
      timeZone: policy.timeZone,
      dateStyle: 'short',
      timeStyle: 'short',
    });
  }

  jumped(at: number, by: number): void {
    // The governor may have seen either day.
    for (const clock of [this.world.clock, this.world.clock + by]) this.seen(this.clockOf.format(clock).slice(0, 10));
    this.jumpedAt = at;
    if (by > 0) this.forwardJumps.push(at);
  }

  sent({ at, clock, heldAt, send, isRepeat }: Sent): void {
    this.sends += 1;
    const [date, time] = this.clockOf.format(clock).split(' ') as [string, string];
    this.checkQuiet(send, time);
    this.checkPace(at, heldAt, send);
    this.checkLock(at, send);
    const { circuit } = this.world.state.rest;
    if (this.policy.circuitBreaker && circuit && isUnsolicited(send) && circuit.probeAt !== send.countedAt) {
      throw new Error('A message outside the service window went out while the circuit was open.');
    }
    if (isRepeat) this.repeats += 1;
    else {
      this.checkWindows(at);
      this.checkDay(date, send);
    }
  }

  ended(send: CountedSend, at: number, refused: boolean): void {
    if (send.countedAt === this.lastBegin?.countedAt) this.lastEnd = at;
    if (refused && this.lockedFrom === null)
      this.lockedFrom = { at, until: Math.min(this.world.lockedUntil, at + HOUR) };
  }

  claimed({ taken, passedInteractive, interactiveRun }: Claimed, state: GovernorState): void {
    const campaign = taken.filter(({ lane }) => lane === 'campaign').length;
    if (campaign === 0) return;
    const isTurn = campaign === 1 && interactiveRun >= INTERACTIVE_IN_A_ROW;
    if (passedInteractive && !isTurn) throw new Error('A campaign went before a conversation out of its turn.');
    const { dailyMessageLimit: limit, campaignSharePercent } = this.policy;
    const share =
      limit === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((limit * campaignSharePercent) / 100));
    if (state.sent + campaign > share) throw new Error('Campaigns took more than their share of the day.');
  }

  private checkWindows(at: number): void {
    this.times.push(at);
    for (const [limit, windowMs] of [
      [this.policy.minuteLimit, 60_000],
      [this.policy.hourLimit, HOUR],
    ] as const) {
      if (limit === null) continue;
      // Each time the clock was put forward within the window, the limit counts once more.
      const allowed = limit * (1 + this.forwardJumps.filter((jump) => jump > at - windowMs - 5_000).length);
      const first = this.times[this.times.length - 1 - allowed];
      if (first !== undefined && first > at - windowMs) throw new Error(`More than ${limit} within ${windowMs} ms.`);
    }
  }

  private checkDay(date: string, send: CountedSend): void {
    this.seen(date);
    this.perDay.sent += 1;
    if (send.standing !== 'service') this.perDay.unsolicited += 1;
    if (send.standing === 'new') this.perDay.newContacts += 1;
    const { dailyMessageLimit, coldDailyLimit, newContactDailyLimit } = this.policy;
    for (const [what, limit, count] of [
      ['messages', dailyMessageLimit, this.perDay.sent],
      ['messages outside the service window', coldDailyLimit, this.perDay.unsolicited],
      ['messages of a warm-up', this.warmUpLimit(), this.perDay.unsolicited],
      ['messages to new contacts', newContactDailyLimit, this.perDay.newContacts],
    ] as const) {
      if (limit !== null && count > limit)
        throw new Error(`${count} ${what} on ${this.day}, and ${limit} are allowed.`);
    }
  }

  /** The later of two days goes on counting when the clock is put back. */
  private seen(date: string): void {
    if (date <= this.day) return;
    this.day = date;
    this.perDay = { sent: 0, unsolicited: 0, newContacts: 0 };
  }

  private warmUpLimit(): number | null {
    const { policy } = this;
    const target = policy.coldDailyLimit ?? policy.dailyMessageLimit;
    if (!policy.warmupEnabled || target === null) return null;
    const began = this.clockOf.format(Date.parse(policy.warmupStartedAt!)).slice(0, 10);
    const days = (Date.parse(this.day) - Date.parse(began)) / (24 * HOUR);
    if (days >= policy.warmupRampDays) return null;
    return policy.warmupStartPerDay >= target
      ? target
      : policy.warmupStartPerDay + ((target - policy.warmupStartPerDay) * days) / policy.warmupRampDays;
  }

  private checkQuiet(send: CountedSend, time: string): void {
    const { quietHours: quiet, quietHoursFor } = this.policy;
    if (!quiet) return;
    const rests =
      quietHoursFor === 'everything' ||
      send.lane === 'campaign' ||
      (quietHoursFor === 'unsolicited' && send.standing !== 'service');
    const isQuiet =
      quiet.from < quiet.to ? time >= quiet.from && time < quiet.to : time >= quiet.from || time < quiet.to;
    if (rests && isQuiet) throw new Error(`A message went out at ${time}, in the quiet hours.`);
  }

  private checkPace(at: number, heldAt: number, send: CountedSend): void {
    const { messageDelayMs } = this.policy;
    if (isPaced(this.policy) && this.lastBegin && this.jumpedAt <= this.lastBegin.heldAt) {
      if (at - this.lastBegin.at < messageDelayMs) throw new Error('Two messages followed each other too fast.');
      const inHandMs = this.lastEnd === null ? null : this.lastEnd - this.lastBegin.heldAt;
      if (inHandMs !== null && inHandMs < LONGEST_IN_HAND_MS && at - this.lastEnd! < messageDelayMs) {
        throw new Error('A message followed the end of another too fast.');
      }
    }
    this.lastBegin = { at, heldAt, countedAt: send.countedAt };
    this.lastEnd = null;
  }

  private checkLock(at: number, send: CountedSend): void {
    const lock = this.lockedFrom;
    if (!lock || !this.policy.timeLockGuard) return;
    if (at >= lock.until || this.jumpedAt > lock.at) this.lockedFrom = null;
    else if (send.standing === 'new') throw new Error('A new contact was written to during a time-lock.');
  }
}

/** One world with a policy of its own. @returns how many messages went out */
function runWorld(seed: number): { sends: number; repeats: number } {
  const random = seeded(seed);
  const start = Date.parse(starts[Math.floor(random() * starts.length)]!) + Math.floor(random() * 12 * HOUR);
  const policy = randomPolicy(random, start);
  const checker = new Checker(policy);
  const world = new GovernedWorld(policy, start, random, checker);
  checker.world = world;
  const everyMs = [50, 2_000, 60_000][Math.floor(random() * 3)]!;
  const clockJumps = random() < 0.5;
  for (let steps = 0; checker.sends < SENDS_PER_WORLD && steps < SENDS_PER_WORLD * 20; steps++) {
    const arrival = world.rows.length < 60 ? world.at + random() * everyMs : Number.POSITIVE_INFINITY;
    world.at = Math.ceil(Math.min(arrival, world.nextAt()));
    if (world.at >= arrival) world.queue(random() < 0.6 ? 'interactive' : 'campaign');
    if (random() < 0.05) world.writeIn();
    if (random() < 0.002) world.takeOver();
    if (random() < 0.001) world.failing = random() < 0.5 ? 0 : 0.8;
    if (random() < 0.0005) world.lockedUntil = world.at + random() * 12 * HOUR;
    if (clockJumps && random() < 0.0005) {
      const offset = (random() * 20 - 10) * HOUR;
      checker.jumped(world.at, offset - world.offset);
      world.offset = offset;
    }
    world.step();
  }
  drain(world);
  return checker;
}

/** Nobody queues any more and nothing fails: everything goes out, however long the policy makes it take. */
function drain(world: GovernedWorld): void {
  world.failing = 0;
  world.lockedUntil = 0;
  const until = world.at + 400 * 24 * HOUR;
  while (!world.isIdle) {
    const next = world.nextAt();
    if (next > until) throw new Error(`${world.rows.length} messages wait for ever.`);
    world.at = Math.ceil(next);
    world.step();
  }
}

it(`breaks no limit, pace, window or quiet hour in ${SENDS} sends, and sends everything in the end`, () => {
  let sends = 0;
  let repeats = 0;
  for (let seed = Number(process.env.PROPERTY_SEED ?? 1); sends < SENDS; seed++) {
    try {
      const done = runWorld(seed);
      sends += done.sends;
      repeats += done.repeats;
    } catch (error) {
      throw new Error(`PROPERTY_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  expect(sends).toBeGreaterThanOrEqual(SENDS);
  // The worlds really lost owners.
  expect(repeats).toBeGreaterThan(0);
}, 1_800_000);

import type { Lane } from '#database';
import { planClaim } from './claim-plan.js';
import { afterClaim, afterOutcomeOf, afterReturn, afterSend } from './counting.js';
import { type CountedSend, mayStillGo } from './decide.js';
import { freshState, type GovernorState, LONGEST_IN_HAND_MS } from './governor-state.js';
import type { Standing } from './send-class.js';
import { isPaced, type SendPolicy } from './send-policy.js';
import { locked } from './time-lock.js';

/** Numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A row of the outbox. */
export interface Row {
  lane: Lane;
  chat: number;
  queuedAt: number;
  /** It was taken on by an owner that is gone, and counted. */
  isCounted: boolean;
}

interface Held extends CountedSend {
  row: Row;
  beginsAt: number;
  heldAt: number;
}

/** A message that was put on the wire. */
export interface Sent {
  at: number;
  /** What the governor's clock said. */
  clock: number;
  /** When it was taken on. */
  heldAt: number;
  send: CountedSend;
  isRepeat: boolean;
}

/** A claim, as an observer sees it. */
export interface Claimed {
  taken: CountedSend[];
  /** An interactive row that was allowed stayed behind. */
  passedInteractive: boolean;
  interactiveRun: number;
}

/** What the world tells whoever checks it. */
export interface Observer {
  sent(sent: Sent): void;
  ended(send: CountedSend, at: number, refused: boolean): void;
  claimed(claim: Claimed, state: GovernorState): void;
}

const CHATS = 40;

/**
 * One profile with its outbox, its durable state and the process that owns it, in simulated time. It does with the pure
 * policy what the deliverer and its statements do with the real one: claims, waits for the wire, gives back, ends,
 * dies, is taken over; the database's clock jumps when told to.
 */
export class GovernedWorld {
  at: number;
  offset = 0;
  readonly rows: Row[] = [];
  /** What the database has. */
  durable: GovernorState;
  /** What the owner has in memory. */
  private memory: GovernorState;
  private held: Held[] = [];
  private underWay: { send: CountedSend; endsAt: number; row: Row; heldAt: number }[] = [];
  private readonly lastInbound = Array<number | null>(CHATS).fill(null);
  /** Of a paced profile: when the send was taken on that the next one waits for. */
  private inHandSince: number | null = null;
  /** The share of messages to people who did not write lately that fail, and whether WhatsApp has locked the number. */
  failing = 0;
  lockedUntil = 0;
  changesAt: number | null = null;
  /** The last claim took something, or was lost: there may be more. */
  private mayClaimMore = false;

  constructor(
    readonly policy: SendPolicy,
    start: number,
    private readonly random: () => number,
    private readonly observer: Observer,
  ) {
    this.at = start;
    this.durable = freshState(policy, start);
    this.memory = this.durable;
  }

  get clock(): number {
    return this.at + this.offset;
  }

  get state(): GovernorState {
    return this.memory;
  }

  get isIdle(): boolean {
    return this.rows.length === 0 && this.held.length === 0 && this.underWay.length === 0;
  }

  queue(lane: Lane): void {
    const chat = Math.floor(this.random() * CHATS);
    this.rows.push({ lane, chat, queuedAt: this.at, isCounted: false });
  }

  writeIn(): void {
    this.lastInbound[Math.floor(this.random() * CHATS)] = this.clock;
  }

  /** The owner dies, or loses its lease; another takes over. What it had taken on is found counted. */
  takeOver(): void {
    const back = [...this.held, ...this.underWay].map(({ row }) => ({ ...row, isCounted: true }));
    this.rows.unshift(...back.sort((a, b) => a.queuedAt - b.queuedAt));
    this.held = [];
    this.underWay = [];
    this.inHandSince = null;
    this.memory = this.durable;
    this.mayClaimMore = true;
  }

  /** Everything that is due by now: sends begin and end, rows are claimed. */
  step(): void {
    this.end();
    this.begin();
    this.claim();
  }

  /** When something happens by itself. */
  nextAt(): number {
    if (this.mayClaimMore) return this.at + 1;
    const moments = [...this.held.map((send) => send.beginsAt), ...this.underWay.map((send) => send.endsAt)];
    if (this.changesAt !== null) moments.push(this.changesAt - this.offset);
    if (this.inHandSince !== null) moments.push(this.inHandSince + LONGEST_IN_HAND_MS);
    return moments.length === 0 ? Number.POSITIVE_INFINITY : Math.max(this.at + 1, Math.min(...moments));
  }

  private standingOf(chat: number): Standing {
    const last = this.lastInbound[chat];
    if (last == null) return 'new';
    return this.clock - last <= this.policy.serviceWindowHours * 3_600_000 ? 'service' : 'known';
  }

  private end(): void {
    for (const one of this.underWay.filter(({ endsAt }) => endsAt <= this.at)) {
      this.underWay.splice(this.underWay.indexOf(one), 1);
      const isLocked = one.send.standing === 'new' && this.at < this.lockedUntil;
      const failed = isLocked || (one.send.standing !== 'service' && this.random() < this.failing);
      this.observer.ended(one.send, this.at, isLocked);
      const before = this.memory.rest;
      if (isLocked) {
        const until = this.random() < 0.5 ? this.lockedUntil + this.offset : null;
        const rest = { ...before, ...locked(before, { until, standing: 'new' }, this.clock) };
        this.memory = { ...this.memory, rest };
      }
      this.memory = afterOutcomeOf(this.memory, this.policy, one.send, !failed, this.clock);
      // Such changes are written at once; the outcomes that lead to them with the next claim.
      const isTold = before.circuit !== this.memory.rest.circuit || before.timeLock !== this.memory.rest.timeLock;
      if (isTold) this.durable = { ...this.durable, rest: this.memory.rest };
      if (one.heldAt === this.inHandSince) this.release();
    }
    if (this.inHandSince !== null && this.at - this.inHandSince >= LONGEST_IN_HAND_MS) this.release();
  }

  /** The send in hand is over: the pause begins. */
  private release(): void {
    if (this.inHandSince === null) return;
    this.inHandSince = null;
    this.memory = afterSend(this.memory, this.policy, this.clock, this.random);
  }

  private begin(): void {
    for (const send of this.held.filter(({ beginsAt }) => beginsAt <= this.at)) {
      this.held.splice(this.held.indexOf(send), 1);
      const { row, beginsAt: _, heldAt, ...counted } = send;
      const isInHand = !isPaced(this.policy) || heldAt === this.inHandSince;
      if (isInHand && mayStillGo(this.policy, this.memory, counted, this.clock)) {
        this.observer.sent({ at: this.at, clock: this.clock, heldAt, send: counted, isRepeat: row.isCounted });
        const endsAt = this.at + (this.random() < 0.01 ? 30_000 : 30 + this.random() * 2_000);
        this.underWay.push({ send: counted, endsAt, row, heldAt });
      } else {
        this.rows.unshift(row);
        const returned = row.isCounted ? [] : [counted];
        this.memory = afterReturn(this.memory, this.policy, returned, this.clock);
        const { sent, unsolicited, newContacts } = afterReturn(this.durable, this.policy, returned, this.clock);
        if (this.durable.day === counted.day) this.durable = { ...this.durable, sent, unsolicited, newContacts };
        if (heldAt === this.inHandSince) this.release();
      }
    }
  }

  private claim(): void {
    this.changesAt = null;
    this.mayClaimMore = false;
    if (this.rows.length === 0 || (isPaced(this.policy) && this.inHandSince !== null)) return;
    const now = this.clock;
    const plan = planClaim(this.policy, this.memory, now);
    this.changesAt = plan.changesAt;
    const isOpen = new Set(plan.open.map(({ lane, standing }) => `${lane} ${standing}`));
    const allowed = this.rows
      .map((row, index) => ({ row, index, standing: this.standingOf(row.chat) }))
      .filter(({ row, standing }) => isOpen.has(`${row.lane} ${standing}`));
    const firstCampaign = plan.campaignFirst ? allowed.find(({ row }) => row.lane === 'campaign') : undefined;
    const rank = (one: (typeof allowed)[number]) =>
      one === firstCampaign ? -1 : one.row.lane === 'interactive' ? 0 : 1;
    const inOrder = allowed.sort((a, b) => rank(a) - rank(b) || a.row.queuedAt - b.row.queuedAt || a.index - b.index);
    const fits = (test: (one: (typeof allowed)[number]) => boolean, most: number) => {
      let left = most;
      return (one: (typeof allowed)[number]) => !test(one) || left-- > 0;
    };
    const taken = inOrder
      .filter(fits(({ standing }) => standing === 'new', plan.room.newContacts))
      .filter(fits(({ standing }) => standing !== 'service', plan.room.unsolicited))
      .filter(fits(({ row }) => row.lane === 'campaign', plan.room.campaign))
      .slice(0, Math.min(32, plan.room.total));
    if (taken.length === 0) return;
    const left = inOrder.filter((one) => !taken.includes(one));
    const interactiveRun = this.memory.rest.interactiveRun;
    const before = afterClaim(this.memory, this.policy, [], now);
    const after = afterClaim(
      this.memory,
      this.policy,
      taken.map(({ row, standing }) => ({ lane: row.lane, standing, isCounted: row.isCounted })),
      now,
    );
    this.durable = after;
    const held = taken.map(({ row, standing }): Held => {
      const delay = this.random() < 0.9 ? this.random() * 500 : this.random() * 12_000;
      return {
        row,
        lane: row.lane,
        standing,
        countedAt: now,
        day: after.day,
        beginsAt: this.at + delay,
        heldAt: this.at,
      };
    });
    for (const { index } of taken.map(({ index }) => ({ index })).sort((a, b) => b.index - a.index)) {
      this.rows.splice(index, 1);
    }
    this.observer.claimed(
      {
        taken: held,
        // Nothing but the number of all sends limits those.
        passedInteractive: left.some(({ row, standing }) => row.lane === 'interactive' && standing === 'service'),
        interactiveRun,
      },
      before,
    );
    this.memory = after;
    this.held.push(...held);
    if (isPaced(this.policy)) this.inHandSince = this.at;
    else this.mayClaimMore = true;
    // It died before the answer of the claim came.
    if (this.random() < 0.002) this.takeOver();
  }
}

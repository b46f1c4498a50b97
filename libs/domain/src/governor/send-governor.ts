import type { MessageAction, MessageContent, NewEvent } from '#contracts';
import {
  appendEvents,
  type ClaimedSend,
  claimSends,
  type Database,
  holdLease,
  openGovernor,
  retryTransient,
  type SendClasses,
  saveGovernor,
} from '#database';
import { LeaseLost } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import { BatchPauses } from './batch-pauses.js';
import { type ClaimPlan, planClaim, planLeftovers } from './claim-plan.js';
import { afterClaim, afterOutcomeOf, afterReturn, afterSend } from './counting.js';
import { DatabaseClock, type GovernorClock } from './database-clock.js';
import { type CountedSend, mayStillGo } from './decide.js';
import { policyOf, rowOf, stateOf } from './governor-row.js';
import { freshState, type GovernorState, LONGEST_IN_HAND_MS, stateAt } from './governor-state.js';
import { tellChanges, tellHeld } from './held-reasons.js';
import { lanes, type SendClass, standings } from './send-class.js';
import { isPaced, type SendPolicy } from './send-policy.js';
import { locked } from './time-lock.js';
import { type TypingShown, typingFor } from './typing-time.js';

export interface GovernorParts {
  db: Database;
  clock?: GovernorClock;
  random?: () => number;
}

/** What is claimed besides what the rules say. */
export interface WishedClaim {
  limit: number;
  exceptMessages: string[];
  exceptConversations: string[];
}

/** What was taken on, and whether there may be more that may go now. */
export interface Taken {
  sends: ClaimedSend[];
  mayBeMore: boolean;
}

const nothing: Taken = { sends: [], mayBeMore: false };

/** An owner has no more than this in its hands, of each class. */
const LEFTOVERS_WITHIN = 160;
/** The longest that a timer waits; then it is decided anew. */
const LONGEST_TIMER_MS = 600_000;

/**
 * The send governor of one profile in the process that owns it: the only writer of what is kept of it. It claims what the
 * rules allow, counts it in the same statement, and learns how it ended. Lost answers and lost owners cost nothing: what
 * is in the database is read again.
 */
export class SendGovernor {
  private readonly clock: GovernorClock;
  private readonly random: () => number;
  private policy: SendPolicy | undefined;
  /** Whether policy and memory are what the database has, besides what will be written with the next claim. */
  private isKnown = false;
  private revision = 0;
  /** An owner before this one may have died with sends in its hands. */
  private mayHaveLeftovers = true;
  private memory!: GovernorState;
  /** What was taken on and has not ended, by message. */
  private readonly counted = new Map<string, CountedSend>();
  private readonly pauses = new BatchPauses();
  /** Of a paced profile: the send that the next one waits for. */
  private inHand: { messageId: string; timer: NodeJS.Timeout } | undefined;
  /** Statements that write what is kept, one after another. */
  private writes: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  /** @param changed called when something may be allowed that was not */
  constructor(
    private readonly parts: GovernorParts,
    private readonly owned: OwnedProfile,
    private readonly changed: () => void,
  ) {
    this.clock = parts.clock ?? new DatabaseClock();
    this.random = parts.random ?? Math.random;
  }

  /** For metrics: what makes sends rest now. */
  get status(): { isTimeLocked: boolean; isCircuitOpen: boolean; heldFor: readonly string[] } {
    const rest = this.policy ? this.memory.rest : undefined;
    return {
      isTimeLocked: rest?.timeLock != null,
      isCircuitOpen: rest?.circuit != null,
      heldFor: rest?.told ?? [],
    };
  }

  /**
   * Takes on sends as far as the rules allow, and calls `changed` when more may be. Null when the lease is lost.
   * @throws what the database throws; nothing is known then, and the next claim reads what was kept
   */
  async claim(wish: () => WishedClaim): Promise<Taken | null> {
    return this.inOrder(async () => {
      if (!(await this.read())) return null;
      // A policy that changed between reading and claiming is read once more.
      for (let tries = 0; ; tries++) {
        const answer = await this.claimOnce(wish());
        if (answer !== 'policy changed') return answer;
        this.isKnown = false;
        if (tries === 2 || !(await this.read())) return null;
      }
    });
  }

  /** Whether a send that was taken on may go out at this moment. */
  mayGo(messageId: string): boolean {
    const send = this.counted.get(messageId);
    if (!this.policy || !send) return false;
    if (isPaced(this.policy) && this.inHand?.messageId !== messageId) return false;
    return mayStillGo(this.policy, this.memory, send, this.clock.now());
  }

  /** What to show before a send. */
  typing(content: MessageContent | MessageAction): TypingShown | null {
    return this.policy ? typingFor(this.policy, content, this.random) : null;
  }

  /** How a send was counted; for giving it back. */
  countOf(messageId: string): { day: string; standing: number } {
    const send = this.counted.get(messageId);
    return { day: send?.day ?? '', standing: standings.indexOf(send?.standing ?? 'service') };
  }

  /** These were given back; those of `unsent` certainly did not go out. */
  returned(messageIds: string[], unsent: string[]): void {
    const free = unsent.flatMap((id) => this.counted.get(id) ?? []);
    if (this.policy && free.length > 0) {
      this.memory = afterReturn(this.memory, this.policy, free, this.clock.now());
    }
    for (const id of messageIds) this.forget(id);
  }

  /** A send has ended. `succeeded` is null when that says nothing about the recipient or the number. */
  async ended(messageId: string, succeeded: boolean | null): Promise<void> {
    const send = this.counted.get(messageId);
    this.forget(messageId);
    if (!this.policy || !send || succeeded === null) return;
    await this.change((state, policy, now) => afterOutcomeOf(state, policy, send, succeeded, now));
  }

  /** WhatsApp refused a send with 463. Resolves when that is kept. */
  async refused(messageId: string): Promise<void> {
    const standing = this.counted.get(messageId)?.standing ?? 'new';
    await this.lock({ until: null, standing });
  }

  /** WhatsApp says that the number may not open chats (until then, if it says when), or that it may again. */
  async timeLocked(lock: { until: Date | null } | null): Promise<void> {
    await this.inOrder(() => this.read());
    if (lock) await this.lock({ until: lock.until?.getTime() ?? null, standing: null });
    else await this.change((state) => ({ ...state, rest: { ...state.rest, timeLock: null } }));
    this.changed();
  }

  /** The connection is down: nothing is waited for until the next claim. */
  rest(): void {
    clearTimeout(this.timer);
    clearTimeout(this.inHand?.timer);
    this.inHand = undefined;
  }

  private async claimOnce(wish: WishedClaim): Promise<Taken | 'policy changed' | null> {
    const policy = this.policy!;
    const now = this.clock.now();
    await this.catchUp(now);
    if (this.inHand) return nothing;
    const ofLeftovers = this.mayHaveLeftovers;
    const plan = (ofLeftovers ? planLeftovers : planClaim)(policy, this.memory, now);
    const resting = this.pauses.at(now);
    const limit = Math.min(wish.limit, plan.room.total);
    const before = afterClaim(this.memory, policy, [], now);
    const askedAt = performance.now();
    const answer = await this.asked(() =>
      claimSends(this.parts.db, this.owned.lease, {
        ...wish,
        limit,
        // What was taken on before may be on the wire: it does not wait once more.
        exceptBatches: ofLeftovers ? [] : resting,
        governed: {
          revision: this.revision,
          open: columnsOf(limit === 0 ? [] : plan.open),
          closed: columnsOf(plan.closed.map(({ send }) => send)),
          mostOfCampaigns: finite(plan.room.campaign),
          mostUnsolicited: finite(plan.room.unsolicited),
          mostNewContacts: finite(plan.room.newContacts),
          campaignFirst: plan.campaignFirst,
          serviceSince: new Date(now - policy.serviceWindowHours * 3_600_000),
          tellsServiceApart: plan.tellsServiceApart && !ofLeftovers,
          leftovers: ofLeftovers ? LEFTOVERS_WITHIN : null,
          // As it will be when something is taken on; the statement adds how much.
          counted: rowOf(claimedState(before, policy, now)),
        },
      }),
    );
    if (answer === null) return null;
    this.clock.seen(answer.at, askedAt);
    if (answer.revision !== this.revision) return 'policy changed';
    await this.take(answer.sends, policy, now);
    this.wakeAt(earlier(plan.changesAt, this.pauses.nextEnd));
    if (ofLeftovers) {
      this.mayHaveLeftovers = answer.sends.length > 0;
      return { sends: answer.sends, mayBeMore: true };
    }
    await this.tell(plan, answer.heldBack);
    const { sends, lapsed } = answer;
    // What it took on may have closed a class: then the next claim sees whether that holds something back. And behind a
    // message that its batch pauses after nothing was looked at.
    const hasPaused = sends.some(({ pauseMs }) => pauseMs !== null);
    const isFull = sends.length > 0 && (sends.length === limit || hasPaused || this.hasClosed(plan, policy, now));
    return { sends, mayBeMore: lapsed > 0 || isFull };
  }

  private hasClosed(plan: ClaimPlan, policy: SendPolicy, now: number): boolean {
    return planClaim(policy, this.memory, now).open.length < plan.open.length;
  }

  private async take(sends: ClaimedSend[], policy: SendPolicy, now: number): Promise<void> {
    const classes = sends.map((send) => ({
      lane: lanes[send.lane]!,
      standing: standings[send.standing]!,
      isCounted: send.wasWired,
    }));
    const before = this.memory;
    this.memory = afterClaim(before, policy, classes, now);
    this.pauses.took(sends, now);
    for (const [index, { messageId }] of sends.entries()) {
      const { lane, standing } = classes[index]!;
      this.counted.set(messageId, { lane, standing, countedAt: now, day: this.memory.day });
    }
    const [first] = sends;
    if (first && isPaced(policy)) {
      const timer = setTimeout(() => this.forgetInHand(first.messageId), LONGEST_IN_HAND_MS);
      timer.unref();
      this.inHand = { messageId: first.messageId, timer };
    }
    // A probe is known to the next owner before it goes.
    const probes = [this.memory.rest.circuit?.probeAt, this.memory.rest.timeLock?.probeAt];
    if (first && probes.includes(now)) await this.save([]);
  }

  /** Ends what time alone ends, and tells of it. */
  private async catchUp(now: number): Promise<void> {
    const before = this.memory;
    this.memory = stateAt(before, this.policy!, now);
    const events = tellChanges(this.profile, before, this.memory);
    if (events.length > 0) await this.save(events);
  }

  private async tell(plan: ClaimPlan, heldBack: number[]): Promise<void> {
    const closed = heldBack.map((position) => plan.closed[position]!);
    const news = tellHeld(this.profile, this.memory, closed);
    if (!news) return;
    this.memory = { ...this.memory, rest: { ...this.memory.rest, told: news.told } };
    await this.save(news.events);
  }

  private async lock(told: { until: number | null; standing: 'service' | 'known' | 'new' | null }): Promise<void> {
    await this.change((state, _policy, now) => ({
      ...state,
      rest: { ...state.rest, ...locked(state.rest, told, now) },
    }));
  }

  /** Changes what is known; circuit and time-lock are kept, and told of, before this resolves. */
  private async change(how: (state: GovernorState, policy: SendPolicy, now: number) => GovernorState): Promise<void> {
    if (!this.policy) return;
    const now = this.clock.now();
    const before = stateAt(this.memory, this.policy, now);
    this.memory = how(before, this.policy, now);
    const events = tellChanges(this.profile, before, this.memory);
    if (events.length === 0) return;
    await this.inOrder(() => this.save(events));
    this.changed();
  }

  /** Writes everything that is known, with the events that tell of it. */
  private async save(events: NewEvent[]): Promise<void> {
    const { lease, signal } = this.owned;
    await retryTransient(
      () =>
        this.parts.db.system(async (tx) => {
          await holdLease(tx, lease);
          await saveGovernor(tx, lease, rowOf(this.memory));
          await appendEvents(tx, events);
        }),
      { signal },
    ).catch((error) => {
      // What is not kept now goes with the next claim, or belongs to another owner.
      if (!(error instanceof LeaseLost) && !signal.aborted) throw error;
    });
  }

  /** Reads what is kept, unless it is known. False when the lease is lost. */
  private async read(): Promise<boolean> {
    if (this.isKnown) return true;
    const askedAt = performance.now();
    const opened = await openGovernor(this.parts.db, this.owned.lease);
    if (!opened) return false;
    this.clock.seen(opened.at, askedAt);
    this.policy = policyOf(opened.policy);
    this.revision = opened.policy.revision;
    this.memory = opened.governor ? stateOf(opened.governor) : freshState(this.policy, this.clock.now());
    this.isKnown = true;
    this.mayHaveLeftovers = true;
    return true;
  }

  /** What was written by a statement whose answer is lost is not known: it is read again. */
  private async asked<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await statement();
    } catch (error) {
      this.isKnown = false;
      throw error;
    }
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.writes.then(work);
    this.writes = done.catch(() => undefined);
    return done;
  }

  private forget(messageId: string): void {
    this.counted.delete(messageId);
    this.forgetInHand(messageId);
  }

  private forgetInHand(messageId: string): void {
    if (this.inHand?.messageId !== messageId) return;
    clearTimeout(this.inHand.timer);
    this.inHand = undefined;
    if (this.policy) this.memory = afterSend(this.memory, this.policy, this.clock.now(), this.random);
    this.changed();
  }

  private wakeAt(moment: number | null): void {
    clearTimeout(this.timer);
    if (moment === null) return;
    const inMs = Math.min(LONGEST_TIMER_MS, Math.max(1, moment - this.clock.now()));
    this.timer = setTimeout(() => this.changed(), inMs);
    this.timer.unref();
  }

  private get profile() {
    const { organizationId, profileId } = this.owned.lease;
    return { organizationId, profileId };
  }
}

/** The state that a claim at `now` writes, before what it takes on is added. */
function claimedState(before: GovernorState, policy: SendPolicy, now: number): GovernorState {
  const some = afterClaim(before, policy, [{ lane: 'interactive', standing: 'service', isCounted: true }], now);
  return { ...some, rest: { ...some.rest, interactiveRun: before.rest.interactiveRun } };
}

function columnsOf(classes: readonly SendClass[]): SendClasses {
  return {
    lanes: classes.map(({ lane }) => lanes.indexOf(lane)),
    standings: classes.map(({ standing }) => standings.indexOf(standing)),
  };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null ? other : Math.min(one, other ?? one);
}

function finite(room: number): number | null {
  return Number.isFinite(room) ? room : null;
}

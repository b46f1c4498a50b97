import type { HealingStep } from '#contracts';
import { LatencyWindow } from './latency-window.js';
import type { HealthLimits } from './limits.js';
import { monotonic } from './monotonic.js';
import { RecentCount } from './recent-count.js';
import { TrafficExpectation } from './traffic-expectation.js';

/** Beyond this many messages under way only the oldest are remembered: the age of the oldest is what counts. */
const mostUnderWay = 1_000;

/** Collects what happens on a connection, over all of its sockets. Everything in it is bounded. */
export class HealthMeter {
  readonly ping: LatencyWindow;
  readonly ack: LatencyWindow;
  readonly decryptFailures: RecentCount;
  readonly messagesIn: RecentCount;
  readonly reconnects: RecentCount;
  readonly traffic: TrafficExpectation;
  readonly healed: Record<HealingStep, number> = { flush: 0, reconnect: 0, recreate: 0 };
  lastHealedAt: Date | null = null;
  lastMessageInAt: Date | null = null;
  lastMessageOutAt: Date | null = null;
  acksMissing = 0;
  retriesAsked = 0;
  retriesAnswered = 0;
  /** Inbound messages under way, by id, with the time of their arrival. */
  private readonly underWay = new Map<string, number>();

  constructor(
    limits: HealthLimits,
    private readonly now: () => number = monotonic,
  ) {
    this.ping = new LatencyWindow(now);
    this.ack = new LatencyWindow(now);
    this.decryptFailures = new RecentCount(undefined, now);
    this.messagesIn = new RecentCount(undefined, now);
    this.reconnects = new RecentCount(15 * 60_000, now);
    this.traffic = new TrafficExpectation(limits.silence, now);
  }

  /** A message, receipt or notice came in. */
  arrived(tag: string): void {
    this.traffic.arrived();
    if (tag !== 'message') return;
    this.messagesIn.add();
    this.lastMessageInAt = new Date();
  }

  /** A message that has to be decrypted came in; `handled` ends it, whatever became of it. */
  begun(id: string): void {
    if (this.underWay.size < mostUnderWay && !this.underWay.has(id)) this.underWay.set(id, this.now());
  }

  handled(id: string): void {
    this.underWay.delete(id);
  }

  acknowledged(ms: number): void {
    this.ack.add(ms);
    this.acksMissing = 0;
    this.lastMessageOutAt = new Date();
  }

  ackMissed(): void {
    this.acksMissing += 1;
  }

  healedBy(step: HealingStep): void {
    this.healed[step] += 1;
    this.lastHealedAt = new Date();
  }

  /** The socket is gone: what was under way on it comes again, or was done. */
  socketEnded(): void {
    this.underWay.clear();
    this.acksMissing = 0;
  }

  /** For how long the oldest message under way has been so. */
  get oldestUnhandledMs(): number | null {
    const [oldest] = this.underWay.values();
    return oldest === undefined ? null : this.now() - oldest;
  }
}

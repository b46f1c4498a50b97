import type { HealingStep } from '#contracts';
import { LatencyWindow } from './latency-window.js';
import type { HealthLimits } from './limits.js';
import { monotonic } from './monotonic.js';
import { RecentCount } from './recent-count.js';
import { TrafficExpectation } from './traffic-expectation.js';

/** Collects what happens on a connection, over all of its sockets. Everything in it is bounded. */
export class HealthMeter {
  readonly ping: LatencyWindow;
  readonly ack: LatencyWindow;
  readonly decryptFailures: RecentCount;
  readonly decrypted: RecentCount;
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
  /** When the processing of inbound messages under way began. The library processes one at a time. */
  private readonly underWay = new Set<{ since: number }>();

  constructor(
    limits: HealthLimits,
    private readonly measured: (what: 'ping' | 'ack', ms: number) => void = () => undefined,
    private readonly now: () => number = monotonic,
  ) {
    this.ping = new LatencyWindow(now);
    this.ack = new LatencyWindow(now);
    this.decryptFailures = new RecentCount(undefined, now);
    this.decrypted = new RecentCount(undefined, now);
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

  /** The processing of an inbound message begins. Returns the act that says that it ended, whatever became of it. */
  processing(): () => void {
    const work = { since: this.now() };
    this.underWay.add(work);
    return () => this.underWay.delete(work);
  }

  pinged(ms: number): void {
    this.ping.add(ms);
    this.measured('ping', ms);
  }

  acknowledged(ms: number): void {
    this.ack.add(ms);
    this.measured('ack', ms);
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

  /** For how long an inbound message has been processed. */
  get processingMs(): number | null {
    const [oldest] = this.underWay;
    return oldest === undefined ? null : this.now() - oldest.since;
  }
}

import { gradeOf, type HealingStep, type HealthCode, healthGrades } from '#contracts';
import type { ConnectionHealth, Healing } from '../../health.js';
import { findingsOf, type SocketFacts } from './findings.js';
import { Healer, type HealingActs } from './healer.js';
import type { HealthLimits } from './limits.js';
import { HealthMeter } from './meter.js';
import { monotonic } from './monotonic.js';

export interface HealthReports {
  /** The findings are others than before. */
  changed(health: ConnectionHealth): void;
  healed(healing: Healing): void;
  measured(what: 'ping' | 'ack', ms: number): void;
}

/** What the present socket says when it is asked; null when there is none. */
export interface WatchedSocket extends SocketFacts {
  openSince: Date | null;
  lastStanzaAt: Date | null;
}

/** Looks at the figures of a connection every few seconds, says what they mean, and has it healed. */
export class HealthMonitor {
  readonly meter: HealthMeter;
  private readonly healer: Healer;
  private timer: NodeJS.Timeout | undefined;
  private findings: HealthCode[] = [];
  private told = '';
  private toldAt = Number.NEGATIVE_INFINITY;

  private readonly limits: HealthLimits;

  constructor(
    { limits, healedBefore }: { limits: HealthLimits; healedBefore: readonly Healing[] },
    private readonly socket: () => WatchedSocket,
    acts: HealingActs,
    private readonly reports: HealthReports,
  ) {
    this.limits = limits;
    this.meter = new HealthMeter(limits, (what, ms) => reports.measured(what, ms));
    this.healer = new Healer(acts, limits, (step, code) => this.healed(step, code), undefined, healedBefore);
  }

  start(): void {
    this.timer ??= setInterval(() => this.check(), this.limits.checkEveryMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  read(): ConnectionHealth {
    const { meter } = this;
    const { isOpen, openSince, lastStanzaAt, bufferHeldMs } = this.socket();
    return {
      grade: gradeOf(this.findings),
      findings: [...this.findings],
      isOpen,
      openSince,
      lastStanzaAt,
      lastMessageInAt: meter.lastMessageInAt,
      lastMessageOutAt: meter.lastMessageOutAt,
      ping: meter.ping.read(),
      ack: meter.ack.read(),
      acksMissing: meter.acksMissing,
      reconnects: meter.reconnects.total,
      decryptFailures: meter.decryptFailures.total,
      recentDecryptFailures: meter.decryptFailures.recent,
      recentMessagesIn: meter.messagesIn.recent,
      retriesAsked: meter.retriesAsked,
      retriesAnswered: meter.retriesAnswered,
      bufferHeldSince: agoOrNull(bufferHeldMs),
      processingSince: agoOrNull(meter.processingMs),
      healed: { ...meter.healed },
      lastHealedAt: meter.lastHealedAt,
    };
  }

  private check(): void {
    const socket = this.socket();
    const found = findingsOf(this.meter, socket, this.limits);
    const before = gradeOf(this.findings);
    this.findings = this.healer.isExhausted && found.length > 0 ? ['healing_exhausted', ...found] : found;
    this.report(healthGrades.indexOf(gradeOf(this.findings)) > healthGrades.indexOf(before));
    if (socket.isOpen) void this.healer.heal(found);
  }

  private report(isWorse: boolean): void {
    const now = monotonic();
    const findings = this.findings.join();
    if (findings === this.told || (!isWorse && now - this.toldAt < this.limits.reportEveryMs)) return;
    this.told = findings;
    this.toldAt = now;
    this.reports.changed(this.read());
  }

  private healed(step: HealingStep, code: HealthCode): void {
    this.meter.healedBy(step);
    if (code === 'inbound_silent') this.meter.traffic.lookedAfter();
    this.reports.healed({ step, code, at: this.meter.lastHealedAt! });
  }
}

const agoOrNull = (ms: number | null) => (ms === null ? null : new Date(Date.now() - ms));

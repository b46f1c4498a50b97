import type { HealingStep, HealthCode, HealthGrade } from '#contracts';

/** Round trips of the last few minutes, in milliseconds. */
export interface Latency {
  samples: number;
  p50Ms: number;
  p95Ms: number;
}

/**
 * What one connection measured about itself. Counters are those of this `Connection` since it was opened; "recent" is
 * the last five minutes.
 */
export interface ConnectionHealth {
  grade: HealthGrade;
  /** Worst first; empty when all is well. */
  findings: HealthCode[];
  isOpen: boolean;
  /** Since when the present socket is logged in. */
  openSince: Date | null;
  /** Anything at all that came from WhatsApp, answers to pings included. */
  lastStanzaAt: Date | null;
  lastMessageInAt: Date | null;
  /** The last message of ours that WhatsApp acknowledged. */
  lastMessageOutAt: Date | null;
  ping: Latency | null;
  /** From a message's way out to WhatsApp's acknowledgement. */
  ack: Latency | null;
  /** Sends without acknowledgement since the last one that had it. */
  acksMissing: number;
  reconnects: number;
  decryptFailures: number;
  recentDecryptFailures: number;
  recentMessagesIn: number;
  /** How often another device could not read a message of ours and asked again, and how often it got it. */
  retriesAsked: number;
  retriesAnswered: number;
  /** Since when the library has held back what it learnt (Baileys' event buffer). */
  bufferHeldSince: Date | null;
  /** Since when the inbound message that is being processed now has been so. */
  processingSince: Date | null;
  /** Healing steps taken. */
  healed: Record<HealingStep, number>;
  lastHealedAt: Date | null;
}

/** One healing step that was taken, and why. */
export interface Healing {
  step: HealingStep;
  code: HealthCode;
  at: Date;
}

const minuteMs = 60_000;

/** When a figure becomes a finding, and how often something is done about it. */
export interface HealthLimits {
  checkEveryMs: number;
  pingSlowMs: number;
  ackSlowMs: number;
  /** So many sends in a row without acknowledgement. */
  acksMissing: number;
  /** Longest processing of one inbound message. A store that is away is waited for half a minute. */
  inboundStuckMs: number;
  /** The library itself lets go after 30 seconds, when its timer is not lost (Baileys#2810). */
  bufferHeldMs: number;
  silence: { silenceMs: number; factor: number };
  /** Failures in five minutes; a storm also needs them to be the greater part of what arrived. */
  decryptFailures: number;
  decryptStorm: number;
  /** Reconnects in a quarter of an hour. */
  reconnectsOften: number;
  /** Steps of each kind within an hour; beyond, nothing is done and a person should look. */
  stepsPerHour: { flush: number; reconnect: number; recreate: number };
  /** The same finding within this time after a step asks for the next stronger one. */
  escalateWithinMs: number;
  /** Between two reports of findings, unless they get worse. */
  reportEveryMs: number;
  /** A step has this long to show its effect. */
  restMs: number;
}

export const defaultHealthLimits: HealthLimits = {
  checkEveryMs: 5_000,
  pingSlowMs: 3_000,
  ackSlowMs: 5_000,
  acksMissing: 3,
  inboundStuckMs: minuteMs,
  bufferHeldMs: 15_000,
  silence: { silenceMs: 5 * minuteMs, factor: 20 },
  decryptFailures: 5,
  decryptStorm: 50,
  reconnectsOften: 5,
  stepsPerHour: { flush: 30, reconnect: 4, recreate: 2 },
  escalateWithinMs: 30 * minuteMs,
  reportEveryMs: 30_000,
  restMs: 20_000,
};

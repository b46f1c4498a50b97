/** Sending outside the service window rests because too much of it failed. Moments in milliseconds since 1970. */
export interface Circuit {
  openedAt: number;
  /** From then on one send tries whether it works again. */
  until: number;
  /** When that send was taken on; null when none is under way. */
  probeAt: number | null;
}

/** So many outcomes are looked at … */
const LOOKED_AT = 10;
/** … as soon as there are so many … */
const AT_LEAST = 5;
/** … and fewer of them than this share succeeded. */
const LEAST_SUCCESS = 0.4;
const REST_MS = 30 * 60_000;
/** A probe that has not ended by then is not waited for any more: its owner is gone. */
const PROBE_MS = 120_000;

/** What an outcome means for the circuit. */
export interface CircuitChange {
  outcomes: string;
  circuit: Circuit | null;
}

/** Takes an outcome into account: opens the circuit, closes it after a good probe, or lets it rest again after a bad one. */
export function afterOutcome(before: CircuitChange, succeeded: boolean, now: number): CircuitChange {
  const { circuit } = before;
  if (circuit) {
    // Those that were on their way when it opened say nothing new.
    if (circuit.probeAt === null) return before;
    if (succeeded) return { outcomes: '', circuit: null };
    return { ...before, circuit: { ...circuit, until: now + REST_MS, probeAt: null } };
  }
  const outcomes = (before.outcomes + (succeeded ? '1' : '0')).slice(-LOOKED_AT);
  const successes = outcomes.replaceAll('0', '').length;
  if (outcomes.length < AT_LEAST || successes / outcomes.length >= LEAST_SUCCESS) return { outcomes, circuit: null };
  return { outcomes, circuit: { openedAt: now, until: now + REST_MS, probeAt: null } };
}

/** The circuit with what time alone changes. A clock that was put back does not make it rest longer. */
export function circuitNow(circuit: Circuit | null, now: number): Circuit | null {
  if (!circuit) return null;
  const until = Math.min(circuit.until, now + REST_MS);
  const isLost = circuit.probeAt !== null && (now - circuit.probeAt >= PROBE_MS || circuit.probeAt > now);
  const probeAt = isLost ? null : circuit.probeAt;
  return until === circuit.until && probeAt === circuit.probeAt ? circuit : { ...circuit, until, probeAt };
}

/** Whether a probe may go now. */
export function mayProbe({ until, probeAt }: { until: number; probeAt: number | null }, now: number): boolean {
  return now >= until && probeAt === null;
}

/** When a send outside the service window may go at the earliest. */
export function circuitFreeAt({ until, probeAt }: Circuit, now: number): number {
  return probeAt === null ? until : Math.max(now + 1, probeAt + PROBE_MS);
}

import { type HealthCode, healthCodes } from '#contracts';
import type { ConnectionHealth as MeasuredHealth } from '#engine';

/** A moment as text. */
type Told<T> = { [Key in keyof T]: T[Key] extends Date | null ? string | null : T[Key] };

/** A finding, in words for people and a code for programs. */
export interface HealthFinding {
  code: HealthCode;
  grade: (typeof healthCodes)[HealthCode]['grade'];
  sentence: string;
}

/** What the owner of a profile measures of its connection; moments are ISO 8601. */
export interface ConnectionHealth extends Told<Omit<MeasuredHealth, 'findings'>> {
  /** Worst first. */
  findings: HealthFinding[];
  /** Since when the oldest send has been due; null when none waits, or while the owner does not know. */
  oldestDueSendAt: string | null;
}

/** Renders what the engine measured. */
export function tellHealth(measured: MeasuredHealth, oldestDueSendAt: Date | null): ConnectionHealth {
  const told = Object.fromEntries(
    Object.entries(measured).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  ) as unknown as Told<MeasuredHealth>;
  return {
    ...told,
    findings: measured.findings.map((code) => ({ code, ...healthCodes[code] })),
    oldestDueSendAt: oldestDueSendAt?.toISOString() ?? null,
  };
}

/** A timer that was started. */
export interface Timer {
  /** Stops it. Nothing happens when it has already run. */
  cancel(): void;
}

/** The time of a simulated network. Everything that happens in it happens by this clock, and by no other. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `act` once after so many milliseconds. A pending timer does not keep the process alive. */
  after(delayMs: number, act: () => void): Timer;
  sleep(delayMs: number): Promise<void>;
}

/** The clock on the wall. Also what waits of tests are measured by, whatever clock their network has. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  after(delayMs: number, act: () => void): Timer {
    const timer = setTimeout(act, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  /** Unlike a timer, somebody who sleeps keeps the process alive. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

export const wallClock: Clock = new RealClock();

interface Appointment {
  at: number;
  order: number;
  act: () => void;
}

const DEFAULT_START_MS = Date.UTC(2026, 0, 1);

/**
 * A clock that stands still until it is told to advance. What is due runs in the order of its time, and in the order in
 * which it was asked for when two are due at once; whatever a step sets going comes to rest before the next one runs.
 */
export class DrivenClock implements Clock {
  private time: number;
  private order = 0;
  private readonly appointments = new Set<Appointment>();
  private readonly rests: (() => Promise<void>)[] = [];

  /** @param startMs milliseconds since 1970; by default the first of January 2026. */
  constructor(startMs = DEFAULT_START_MS) {
    this.time = startMs;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, act: () => void): Timer {
    this.order += 1;
    const appointment = { at: this.time + Math.max(0, delayMs), order: this.order, act };
    this.appointments.add(appointment);
    return { cancel: () => void this.appointments.delete(appointment) };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Adds a wait for work that promises alone do not show, for instance messages that are being encrypted. */
  comesToRestWith(rest: () => Promise<void>): void {
    this.rests.push(rest);
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.appointments.size;
  }

  /** Lets so much time pass and runs what falls due meanwhile, also what that sets going in turn. */
  async advance(durationMs: number): Promise<void> {
    const end = this.time + durationMs;
    await this.rest();
    for (let next = this.next(end); next; next = this.next(end)) {
      this.appointments.delete(next);
      this.time = Math.max(this.time, next.at);
      next.act();
      await this.rest();
    }
    this.time = end;
  }

  private next(end: number): Appointment | undefined {
    let first: Appointment | undefined;
    for (const one of this.appointments) {
      if (one.at > end) continue;
      if (!first || one.at < first.at || (one.at === first.at && one.order < first.order)) first = one;
    }
    return first;
  }

  private async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const rest of this.rests) await rest();
  }
}

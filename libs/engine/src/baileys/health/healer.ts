import { type HealingStep, type HealthCode, healingSteps } from '#contracts';
import type { Healing } from '../../health.js';
import type { HealthLimits } from './limits.js';
import { monotonic } from './monotonic.js';

/** What can be done to a connection. */
export interface HealingActs {
  /** Lets go of what the library holds back. */
  flush(): void;
  /** Asks WhatsApp something that only a live session answers. */
  probe(): Promise<boolean>;
  /** Another socket. */
  reconnect(reason: string): void;
  /** Another connection in the place of this one, which reads all keys anew. */
  recreate(reason: string): void;
}

const hourMs = 60 * 60_000;
const flushesBeforeReconnect = 3;

/** The mildest step that can help; findings that are not listed get none: reconnecting would not make them better. */
const firstStep: Partial<Record<HealthCode, HealingStep>> = {
  buffer_held: 'flush',
  inbound_silent: 'reconnect',
  inbound_stuck: 'reconnect',
  acks_missing: 'reconnect',
  decrypt_storm: 'recreate',
};

/**
 * Decides what is done about findings: the mildest step first, the next stronger one when the same finding comes back
 * soon, each kind at most so often in an hour. When that is used up nothing more is done, so that a number that cannot
 * be healed is not thrown from socket to socket.
 */
export class Healer {
  private readonly taken: { step: HealingStep; code: HealthCode; at: number }[] = [];
  private probing = false;
  private exhausted = false;

  constructor(
    private readonly acts: HealingActs,
    private readonly limits: HealthLimits,
    private readonly told: (step: HealingStep, code: HealthCode) => void,
    private readonly now: () => number = monotonic,
    /** Steps that were taken with the connection before this one: they count. */
    before: readonly Healing[] = [],
  ) {
    for (const { step, code, at } of before) this.taken.push({ step, code, at: now() - (Date.now() - at.getTime()) });
  }

  /** True while a step is due and the hour's share of it is used up. */
  get isExhausted(): boolean {
    return this.exhausted;
  }

  /** Takes at most one step. */
  async heal(findings: readonly HealthCode[]): Promise<void> {
    const now = this.now();
    while (this.taken.length > 0 && now - this.taken[0]!.at > hourMs) this.taken.shift();
    const code = findings.find((each) => firstStep[each] !== undefined);
    if (code === undefined) {
      this.exhausted = false;
      return;
    }
    const last = this.taken.at(-1);
    if (this.probing || (last && last.step !== 'flush' && now - last.at < this.limits.restMs)) return;
    const step = this.stepFor(code);
    this.exhausted = step === null;
    if (step === null) return;
    // A silence may be just that. The answer is worth knowing for the log; a frozen session answers too, so the step
    // is taken either way.
    const isAlive = code === 'inbound_silent' ? await this.probed() : false;
    this.taken.push({ step, code, at: this.now() });
    this.told(step, code);
    const reason = isAlive ? `${code}, although WhatsApp answers` : code;
    if (step === 'flush') this.acts.flush();
    else this.acts[step](reason);
  }

  private async probed(): Promise<boolean> {
    this.probing = true;
    try {
      return await this.acts.probe();
    } finally {
      this.probing = false;
    }
  }

  /** Null when the share of the hour is used up. */
  private stepFor(code: HealthCode): HealingStep | null {
    const since = this.now() - this.limits.escalateWithinMs;
    const lately = this.taken.filter((each) => each.code === code && each.at > since);
    const first = healingSteps.indexOf(firstStep[code]!);
    // A network that never says "complete" needs a flush each time, and no other socket would say it.
    const flushes = lately.filter((each) => each.step === 'flush').length;
    const stronger = lately.length - flushes + (flushes >= flushesBeforeReconnect ? 1 : 0);
    const index = Math.min(first + stronger, healingSteps.length - 1);
    for (const step of healingSteps.slice(first, index + 1).reverse()) {
      const used = this.taken.filter((each) => each.step === step).length;
      if (used < this.limits.stepsPerHour[step]) return step;
    }
    return null;
  }
}

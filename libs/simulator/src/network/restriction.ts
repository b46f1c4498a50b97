import { notification, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';

/** What the service says an account is restricted for (Baileys `ReachoutTimelockEnforcementType`, in part). */
export type EnforcementType = 'BIZ_QUALITY' | 'WEB_COMPANION_ONLY' | 'DEFAULT';

export interface RestrictionState {
  /** Milliseconds since 1970. */
  until: number;
  type: EnforcementType;
}

export interface RestrictionOptions {
  /** Default 24 hours. */
  durationMs?: number;
  /** Default `BIZ_QUALITY`. */
  type?: EnforcementType;
}

const DEFAULT_DURATION_MS = 24 * 3_600_000;

/**
 * The time-lock of an account: it may go on with people it has exchanged messages with, and may not write to others. Its
 * companions are told at once (`mex` notification, as Baileys reads it in `messages-recv.js`) and can ask
 * (`xwa2_fetch_account_reachout_timelock`). Messages to strangers are refused with 463.
 */
export class Restriction {
  private state?: RestrictionState;

  constructor(private readonly account: Account) {}

  get current(): RestrictionState | undefined {
    if (this.state && this.state.until <= this.account.world.clock.now()) this.state = undefined;
    return this.state;
  }

  /** Restricts the account; by default for a day. */
  begin(options: RestrictionOptions = {}): void {
    const { durationMs = DEFAULT_DURATION_MS, type = 'BIZ_QUALITY' } = options;
    const until = this.account.world.clock.now() + durationMs;
    this.state = { until, type };
    this.tell();
    this.account.world.clock.after(durationMs, () => {
      if (this.state?.until === until) this.lift();
    });
  }

  lift(): void {
    if (!this.state) return;
    this.state = undefined;
    this.tell();
  }

  /** As the service answers and announces it: seconds, as text. */
  describe(): { is_active: boolean; time_enforcement_ends?: string; enforcement_type?: EnforcementType } {
    const { current } = this;
    if (!current) return { is_active: false };
    const ends = String(Math.ceil(current.until / 1_000));
    return { is_active: true, time_enforcement_ends: ends, enforcement_type: current.type };
  }

  snapshot(): RestrictionState | undefined {
    return this.current;
  }

  restore(saved: RestrictionState | undefined): void {
    if (!saved) return;
    const { clock } = this.account.world;
    this.state = saved;
    clock.after(saved.until - clock.now(), () => {
      if (this.state === saved) this.lift();
    });
  }

  private tell(): void {
    const data = JSON.stringify({ data: { xwa2_notify_account_reachout_timelock: this.describe() } });
    const update = stanza('update', { op_name: 'NotificationUserReachoutTimelockUpdate' }, Buffer.from(data));
    for (const companion of this.account.companions) companion.deliver(notification('mex', [update]));
  }
}

import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';

/** Who is there, and whether this account shows itself as there. */
export interface PresenceAbility {
  /**
   * Asks WhatsApp to tell when this person comes and goes, until the connection ends; `InboundSink.presence` is told.
   * WhatsApp tells nothing of people who hide it, and tells it of others only while this account is itself online.
   */
  subscribe(person: Address): Promise<void>;
  /** Shows this account as online or not. While online, the phone does not ring for new messages. */
  show(online: boolean): Promise<void>;
}

export const presenceMethods: MethodsOf<PresenceAbility> = { subscribe: 'changes', show: 'changes' };

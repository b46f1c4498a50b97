import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';

/** Calls: heard of as facts, refused, and invited to. Sound and picture are not carried: nothing here can talk. */
export interface CallsAbility {
  /** Refuses a call that rings, on all devices of the account. WhatsApp knows no reasons. */
  reject(callId: string, from: Address): Promise<void>;
  /**
   * A link that others join a call by; the call is made when the first one opens it.
   * @param startsAt for a call that is planned
   */
  createLink(media: 'audio' | 'video', startsAt: Date | null): Promise<{ url: string }>;
  /** @throws EngineError `not_supported`: a call needs a client that speaks WhatsApp's media relay */
  place(to: Address, media: 'audio' | 'video'): Promise<void>;
}

export const callsMethods: MethodsOf<CallsAbility> = { reject: 'changes', createLink: 'changes', place: 'changes' };

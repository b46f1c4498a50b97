import type { Address } from '../address.js';
import type { Fact } from './fact.js';

/**
 * How far a call has come, on whichever device of the account. `missed`: it rang until its time was over. `ended`: it is
 * over; one that nobody had accepted was missed.
 */
export type CallState = 'ringing' | 'accepted' | 'rejected' | 'missed' | 'ended';

/** A call to this account, from its offer to its end. Told for each step. */
export type CallFact = Fact<
  'call',
  {
    callId: string;
    /** Who called. */
    from: Address;
    /** The group that is called; null for a call of two, and where the stanza does not say. */
    groupId: string | null;
    /** Null where the stanza does not say; the offer does. */
    isVideo: boolean | null;
    state: CallState;
    /** WhatsApp's own word for why it ended. */
    reason: string | null;
  }
>;

import type { Address } from '../address.js';
import type { Fact } from './fact.js';

/** A call that rings on the account's devices, from its offer to its end. */
export type CallFact = Fact<
  'call',
  {
    callId: string;
    from: Address;
    groupId: string | null;
    isVideo: boolean;
    state: 'offered' | 'accepted' | 'rejected' | 'missed' | 'ended';
  }
>;

import { type Address, toJid } from '../../address.js';

/** How people are called on the wire in one chat: groups of today know their members by LID only. */
export type Naming = (address: Address) => string;

export const byPhone: Naming = toJid;

export const byLid: Naming = (address) => (address.lid ? `${address.lid}@lid` : toJid(address));

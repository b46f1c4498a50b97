import type { GroupInfo } from '../../facts/group-facts.js';
import type { LiveSocket } from '../live-socket.js';

/** Tells a group that an answer carried, and waits: so that whoever gets the answer finds the group stored. */
export async function tellGroup(live: LiveSocket, group: GroupInfo, how: 'created' | 'looked_up'): Promise<void> {
  const { self } = live.auth;
  const by = how === 'created' && self ? { ...self.address, isSelf: true as const } : null;
  live.facts.add({ type: 'group', group, by, how, at: new Date(), source: 'lookup' });
  await live.facts.stored();
}

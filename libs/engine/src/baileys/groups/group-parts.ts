import type { CommunitiesAbility } from '../../abilities/communities.js';
import type { GroupsAbility } from '../../abilities/groups.js';
import type { NewslettersAbility } from '../../abilities/newsletters.js';
import { EngineError } from '../../engine.js';
import type { GroupInfo } from '../../facts/group-facts.js';
import { statusOf } from '../ask.js';
import { BaileysCommunities } from '../communities/communities.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';
import { BaileysNewsletters } from '../newsletters/newsletters.js';
import { GroupListener } from './group-listener.js';
import { GroupQueries } from './group-queries.js';
import { GroupRosters } from './group-rosters.js';
import { GroupSenderKeys } from './group-sender-keys.js';
import { GroupSends } from './group-sends.js';
import { BaileysGroups } from './groups.js';

export interface GroupParts {
  groups: GroupsAbility;
  communities: CommunitiesAbility;
  newsletters: NewslettersAbility;
  /** What sending to a group needs. */
  sends: GroupSends;
  listener: SocketListener;
}

/** Everything that a connection has for groups and newsletters, put together. */
export function makeGroups(live: LiveSocket): GroupParts {
  const queries = new GroupQueries(live);
  const rosters: GroupRosters = new GroupRosters({
    stored: async (groupId) => {
      await live.facts.stored();
      return live.store.run((store) => store.findGroupRoster(groupId));
    },
    lookUp: (groupId) => lookUp(live, groupId, (id) => groups.get(id)),
  });
  const senderKeys = new GroupSenderKeys(live.auth);
  const sends = new GroupSends(live.auth, rosters, senderKeys);
  const groups: GroupsAbility = new BaileysGroups(live, queries, rosters, sends);
  const listener = new GroupListener(live, { rosters, sends, senderKeys, list: () => groups.list() });
  const newsletters = new BaileysNewsletters(live);
  return {
    groups,
    communities: new BaileysCommunities(live, queries),
    newsletters,
    sends,
    listener: {
      attach: (sock) => {
        listener.attach(sock);
        newsletters.attach(sock);
      },
    },
  };
}

/** A group that this account is no member of, or that is not there any more, is told as gone. */
async function lookUp(
  live: LiveSocket,
  groupId: string,
  get: (groupId: string) => Promise<GroupInfo>,
): Promise<GroupInfo> {
  try {
    return await get(groupId);
  } catch (error) {
    const status = error instanceof EngineError ? statusOf(error.facts.cause) : null;
    if (status === 403 || status === 404) {
      const reason = status === 403 ? 'removed' : 'deleted';
      live.facts.add({ type: 'group_gone', groupId, reason, by: null, at: new Date(), source: 'lookup' });
    }
    throw error;
  }
}

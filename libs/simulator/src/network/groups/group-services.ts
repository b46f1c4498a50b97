import type { GroupServices } from '../../iq/group-iqs.js';
import type { Directory } from '../directory.js';
import { Communities } from './communities.js';
import { Groups } from './groups.js';
import { Membership } from './membership.js';

/** Groups and communities of a network, put together. */
export function makeGroups(directory: Directory): GroupServices {
  const groups = new Groups(directory.world, directory);
  const membership = new Membership(groups);
  return { directory, groups, membership, communities: new Communities(groups, membership) };
}

import type { FactHandlers } from './fact-recorder.js';
import { storeGroupChanges, storeGroupsGone, storeInviteChanges, storeJoinRequests } from './group-changes.js';
import { storeMemberChanges } from './group-member-changes.js';
import { storeGroupList, storeGroups } from './group-snapshots.js';

/** What is stored of groups and communities. */
export const groupFactHandlers: FactHandlers = {
  group: storeGroups,
  group_list: storeGroupList,
  group_changed: storeGroupChanges,
  group_members_changed: storeMemberChanges,
  group_join_request: storeJoinRequests,
  group_invite_changed: storeInviteChanges,
  group_gone: storeGroupsGone,
};

import type { GroupMemberShown, GroupShown, GroupUpdated, MessageParty, NewEvent } from '#contracts';
import { findGroupConversations, type GroupMemberRow, type GroupRow, readParties, type Tx } from '#database';
import type { GroupActor } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';

/** Who did something to a group, and when. */
export interface Deed {
  by: GroupActor | null;
  at: Date;
}

/** What events of groups say of people and chats, read once for all events of a transaction. */
export class GroupEvents {
  private constructor(
    private readonly owned: OwnedProfile,
    private readonly parties: Map<string, MessageParty>,
    private readonly conversations: Map<string, string>,
    private readonly personOf: (actor: GroupActor) => string | undefined,
  ) {}

  static async read(
    tx: Tx,
    owned: OwnedProfile,
    about: { waIds: string[]; personIds: string[]; personOf: (actor: GroupActor) => string | undefined },
  ): Promise<GroupEvents> {
    const { profileId } = owned.lease;
    const personIds = [...new Set(about.personIds)];
    const parties = await readParties(tx, profileId, personIds);
    const conversations = await findGroupConversations(tx, profileId, about.waIds);
    return new GroupEvents(
      owned,
      new Map(personIds.map((id, index) => [id, parties[index]!])),
      conversations,
      about.personOf,
    );
  }

  joined(group: GroupRow, deed: Deed, how: 'created' | 'joined' | 'found'): NewEvent {
    return this.event(group, 'group.joined', {
      ...this.done(group, deed),
      how,
      memberCount: group.memberCount,
    });
  }

  left(group: GroupRow, deed: Deed, reason: 'left' | 'removed' | 'deleted'): NewEvent {
    return this.event(group, 'group.left', { ...this.done(group, deed), reason });
  }

  /** Of what is another in `after`; none when nothing is. */
  updated(before: GroupRow, after: GroupRow, deed: Deed): NewEvent[] {
    const changes = changesBetween(before, after);
    if (Object.keys(changes).length === 0) return [];
    return [this.event(after, 'group.updated', { ...this.done(after, deed), changes })];
  }

  members(group: GroupRow, deed: Deed, change: MemberChange, members: GroupMemberRow[]): NewEvent[] {
    if (members.length === 0) return [];
    return [
      this.event(group, memberEvents[change], {
        ...this.done(group, deed),
        change,
        members: members.map((member) => this.member(member)),
      }),
    ];
  }

  joinRequest(group: GroupRow, deed: Deed, personId: string, change: 'created' | 'revoked' | 'rejected'): NewEvent {
    const name = change === 'created' ? 'group.join_requested' : 'group.join_request_ended';
    return this.event(group, name, { ...this.done(group, deed), person: this.parties.get(personId)!, change });
  }

  inviteChanged(group: GroupRow, deed: Deed): NewEvent {
    return this.event(group, 'group.invite_changed', this.done(group, deed));
  }

  private event<N extends NewEvent['name']>(group: GroupRow, name: N, payload: NewEvent<N>['payload']): NewEvent {
    const { organizationId, profileId } = this.owned.lease;
    const conversationId = this.conversations.get(group.waId) ?? null;
    return { organizationId, profileId, conversationId, name, actor: { kind: 'whatsapp' }, payload } as NewEvent;
  }

  private done(group: GroupRow, { by, at }: Deed) {
    const shown: GroupShown = {
      groupId: group.id,
      chatId: groupChatId(group.waId),
      conversationId: this.conversations.get(group.waId) ?? null,
      subject: group.subject,
      kind: group.kind,
    };
    const actor = by && !by.isSelf ? this.parties.get(this.personOf(by) ?? '') : undefined;
    return { ...shown, by: actor ?? null, byMe: by?.isSelf === true, at: at.toISOString() };
  }

  private member({ personId, role }: GroupMemberRow): GroupMemberShown {
    const party = personId === null ? undefined : this.parties.get(personId);
    return { ...(party ?? nobody), role, isMe: personId === null };
  }
}

type MemberChange = 'added' | 'joined' | 'removed' | 'left' | 'promoted' | 'demoted';

const memberEvents = {
  added: 'group.member_joined',
  joined: 'group.member_joined',
  removed: 'group.member_left',
  left: 'group.member_left',
  promoted: 'group.member_role_changed',
  demoted: 'group.member_role_changed',
} as const;

const nobody: MessageParty = { personId: null, phone: null, lid: null, name: null };

export const groupChatId = (waId: string): string => `${waId}@g.us`;

function changesBetween(before: GroupRow, after: GroupRow): GroupUpdated['changes'] {
  const { communityWaId } = after;
  const now: Required<GroupUpdated['changes']> = {
    subject: after.subject,
    description: after.description,
    announceOnly: after.announceOnly,
    locked: after.locked,
    memberAddMode: after.memberAddMode,
    joinApproval: after.joinApproval,
    disappearsInSeconds: after.disappearsInSeconds,
    communityChatId: communityWaId && groupChatId(communityWaId),
    membersMayAddGroups: after.membersMayAddGroups,
  };
  const was: Record<string, unknown> = {
    ...before,
    communityChatId: before.communityWaId && groupChatId(before.communityWaId),
  };
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => was[name] !== value));
}

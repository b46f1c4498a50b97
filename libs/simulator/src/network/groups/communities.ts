import { stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Group } from './group.js';
import { linkedGroupNode } from './group-node.js';
import type { Groups } from './groups.js';
import type { Membership } from './membership.js';
import { refuse } from './refusal.js';

const MAX_LINKED_GROUPS = 100;

/**
 * Communities: a parent group that nobody writes in, its announcement group of which every member is a member, and the
 * groups that are linked to it. Stanzas as in whatsmeow, group.go, and Baileys, Socket/communities.js.
 */
export class Communities {
  constructor(
    private readonly groups: Groups,
    private readonly membership: Membership,
  ) {}

  /** A new community with its announcement group, and with a general chat when one is asked for. */
  create(
    creator: Account,
    wish: {
      subject: string;
      description?: { id: string; body: string };
      membersMayAddGroups?: boolean;
      generalChat?: boolean;
      people?: readonly Account[];
    },
  ): Group {
    const parent = this.groups.make(creator, wish.subject);
    Object.assign(parent.community, { isParent: true, membersMayAddGroups: wish.membersMayAddGroups ?? false });
    parent.needsApproval = true;
    if (wish.description?.body) {
      parent.description = { ...wish.description, by: creator, at: this.groups.world.clock.now() };
    }
    const announcements = this.groups.make(creator, wish.subject);
    announcements.announce = true;
    Object.assign(announcements.community, { isAnnouncements: true, parent: parent.jid });
    for (const one of wish.people ?? []) for (const group of [parent, announcements]) this.membership.enter(group, one);
    this.groups.notices.created(parent, creator, undefined);
    this.groups.notices.created(announcements, creator, undefined);
    if (wish.generalChat) this.createGroup(creator, parent.jid, { subject: 'General', people: wish.people ?? [] });
    return parent;
  }

  /** A new group within a community. Its members become members of the community. */
  createGroup(
    creator: Account,
    parentJid: string | undefined,
    wish: { subject: string; people: readonly Account[]; key?: string },
  ): ReturnType<Membership['create']> {
    const parent = this.opened(creator, parentJid);
    const made = this.membership.create(creator, {
      ...wish,
      prepare: (group) => {
        group.community.parent = parent.jid;
      },
    });
    this.tellLink(parent, creator, made.group, 'link');
    this.bringIn(parent, creator, made.group);
    return made;
  }

  /** The announcement group and the linked groups. */
  groupsOf(parent: Group): Group[] {
    return [...this.groups.all].filter(({ community }) => community.parent === parent.jid);
  }

  /** The community that a group belongs to, or is. */
  around(group: Group): Group | undefined {
    return group.community.isParent ? group : this.groups.find(group.community.parent);
  }

  /** Links a group that one rules. Its members become members of the community. */
  link(actor: Account, parentJid: string | undefined, groupJid: string | undefined): void {
    const parent = this.opened(actor, parentJid);
    const group = this.groups.ruledBy(actor, groupJid);
    if (group.community.parent || group.community.isParent) throw refuse('conflict');
    if (this.groupsOf(parent).length >= MAX_LINKED_GROUPS) throw refuse('full');
    group.community.parent = parent.jid;
    this.tellLink(parent, actor, group, 'link');
    this.bringIn(parent, actor, group);
  }

  unlink(actor: Account, parentJid: string | undefined, groupJid: string | undefined): void {
    const parent = this.groups.ruledBy(actor, parentJid);
    const group = this.groups.find(groupJid);
    if (!group || group.community.parent !== parent.jid) throw refuse('noGroup');
    if (group.community.isAnnouncements) throw refuse('notAcceptable');
    group.community.parent = undefined;
    this.tellLink(parent, actor, group, 'unlink');
  }

  /** A member of the community comes into one of its groups. */
  joinGroup(account: Account, parentJid: string | undefined, groupJid: string | undefined): { waits: boolean } {
    const parent = this.groups.seenBy(account, parentJid);
    const group = this.groups.find(groupJid);
    if (!group || group.community.parent !== parent.jid) throw refuse('noGroup');
    if (group.has(account)) throw refuse('conflict');
    return this.membership.comeIn(group, account, 'LinkedGroupJoin', 'linked_group_join');
  }

  /** Whoever comes into a group of a community is in the community too, and in its announcement group. */
  followInto(group: Group, by: Account): void {
    const parent = this.around(group);
    if (parent) this.bringIn(parent, by, group);
  }

  /** Leaves the community and every group of it. */
  leave(account: Account, parentJid: string | undefined): void {
    const parent = this.groups.seenBy(account, parentJid);
    if (!parent.community.isParent) throw refuse('notAcceptable');
    for (const group of this.groupsOf(parent)) if (group.has(account)) this.membership.leave(account, group.jid);
    this.membership.leave(account, parent.jid);
  }

  /** Removes people from the community and every group of it. */
  removePeople(actor: Account, parentJid: string | undefined, people: readonly Account[]) {
    const results = this.membership.change(actor, parentJid, 'remove', people);
    const done = results.filter(({ code }) => code === 200).map(({ account }) => account);
    const parent = this.groups.seenBy(actor, parentJid);
    for (const group of this.groupsOf(parent)) {
      const inside = done.filter((one) => group.members.delete(one));
      if (inside.length) this.groups.notices.people(group, actor, 'remove', inside);
    }
    return results;
  }

  letMembersAddGroups(actor: Account, parentJid: string | undefined, on: boolean): void {
    const parent = this.groups.ruledBy(actor, parentJid);
    if (!parent.community.isParent) throw refuse('notAcceptable');
    parent.community.membersMayAddGroups = on;
    this.groups.notices.changed(parent, actor, stanza(`${on ? '' : 'not_'}allow_non_admin_sub_group_creation`));
  }

  /** Ends the community: its announcement group goes with it, the other groups stay for themselves. */
  deactivate(actor: Account, parentJid: string | undefined): void {
    const parent = this.groups.ruledBy(actor, parentJid);
    if (!parent.community.isParent) throw refuse('notAcceptable');
    for (const group of this.groupsOf(parent)) {
      if (group.community.isAnnouncements) this.end(actor, group);
      else {
        group.community.parent = undefined;
        this.tellLink(parent, actor, group, 'unlink', 'delete_parent_group');
      }
    }
    this.end(actor, parent);
  }

  private end(actor: Account, group: Group): void {
    this.groups.notices.changed(group, actor, stanza('delete', { reason: 'deactivated' }));
    this.groups.remove(group);
  }

  /** The community, when this account may add a group to it. */
  private opened(actor: Account, parentJid: string | undefined): Group {
    const parent = this.groups.seenBy(actor, parentJid);
    if (!parent.community.isParent) throw refuse('notAcceptable');
    if (!parent.isAdmin(actor) && !parent.community.membersMayAddGroups) throw refuse('notAdmin');
    return parent;
  }

  private bringIn(parent: Group, by: Account, group: Group): void {
    const announcements = this.groupsOf(parent).find(({ community }) => community.isAnnouncements);
    for (const target of [parent, ...(announcements ? [announcements] : [])]) {
      const newcomers = [...group.members.keys()].filter((one) => !target.has(one));
      for (const one of newcomers) this.membership.enter(target, one);
      this.groups.notices.joined(target, by, newcomers, 'linked_group_join');
    }
  }

  /** Members of the group hear which community it belongs to now, members of the community which group has come. */
  private tellLink(parent: Group, by: Account, group: Group, tag: 'link' | 'unlink', reason?: string): void {
    const change = (about: Group, type: string) =>
      tag === 'link'
        ? stanza('link', { link_type: type }, [linkedGroupNode(about, 'jid')])
        : stanza('unlink', { unlink_type: type, unlink_reason: reason ?? 'unlink_group' }, [
            linkedGroupNode(about, 'jid'),
          ]);
    this.groups.notices.changed(group, by, change(parent, 'parent_group'));
    const others = [...parent.members.keys()].filter((one) => !group.has(one));
    this.groups.notices.told(parent, by, change(group, 'sub_group'), others);
  }
}

import { stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import { allows } from '../accounts/privacy.js';
import type { Group, JoinRequest } from './group.js';
import type { Groups } from './groups.js';
import { refuse } from './refusal.js';

const DAY_MS = 86_400_000;
/** How long an invitation for one person is good: three days, as the phones say. */
const INVITE_LIFE_MS = 3 * DAY_MS;
/** How long somebody who left cannot be added by others. The duration is a guess; the code is not. */
const LEFT_RECENTLY_MS = DAY_MS;

export type PeopleAction = 'add' | 'remove' | 'promote' | 'demote';

/**
 * What became of one person: 200 done, 202 an admin must approve first, 401 one has blocked the other, 403 their privacy wants an invitation (which is
 * then here), 404 not on WhatsApp or not a member, 406 not possible for the creator, 408 left lately, 409 is a member
 * already, 419 the group is full.
 */
export interface PersonResult {
  account: Account;
  code: 200 | 202 | 401 | 403 | 404 | 406 | 408 | 409 | 419;
  invite?: { code: string; expiresAt: number };
}

/** Who is in a group: coming, being brought, leaving, being removed, and who rules. */
export class Membership {
  constructor(private readonly groups: Groups) {}

  /** A new group with those who could be added; the others are named with the reason. */
  create(
    creator: Account,
    wish: { subject: string; people: readonly Account[]; key?: string; prepare?: (group: Group) => void },
  ): { group: Group; results: PersonResult[] } {
    const group = this.groups.make(creator, wish.subject);
    wish.prepare?.(group);
    const results = wish.people.filter((one) => one !== creator).map((account) => this.admit(group, creator, account));
    this.groups.notices.created(group, creator, wish.key);
    return { group, results };
  }

  change(actor: Account, jid: string | undefined, action: PeopleAction, people: readonly Account[]): PersonResult[] {
    const mayAdd = action === 'add' && this.groups.find(jid)?.memberAddMode === 'all_member_add';
    const group = mayAdd ? this.groups.seenBy(actor, jid) : this.groups.ruledBy(actor, jid);
    const results = people.map((account) => this.changeOne(group, actor, action, account));
    const done = results.filter(({ code }) => code === 200).map(({ account }) => account);
    if (action === 'add') this.groups.notices.joined(group, actor, done);
    else if (done.length) this.groups.notices.people(group, actor, action, done);
    return results;
  }

  /** Leaves. The last admin hands over to the member who came first; the last member ends the group. */
  leave(account: Account, jid: string | undefined): void {
    const group = this.groups.seenBy(account, jid);
    group.members.delete(account);
    group.leavers.set(account, this.now());
    this.groups.notices.people(group, account, 'remove', [account]);
    const [heir] = group.members.keys();
    if (!heir) this.groups.remove(group);
    if (!heir || [...group.members.keys()].some((one) => group.isAdmin(one))) return;
    group.members.set(heir, 'admin');
    this.groups.notices.people(group, undefined, 'promote', [heir]);
  }

  // --- coming by oneself ---------------------------------------------------------------------------------------------

  /** Comes by the invite link: at once, or by a request when admins approve newcomers. */
  joinByCode(account: Account, code: string | undefined): { group: Group; waits: boolean } {
    const group = this.groups.byInviteCode(code);
    if (group.has(account)) throw refuse('conflict');
    return this.comeIn(group, account, 'InviteLink', 'invite');
  }

  /** Comes in without having been brought. */
  comeIn(
    group: Group,
    account: Account,
    method: JoinRequest['method'],
    reason: string,
  ): { group: Group; waits: boolean } {
    if (group.needsApproval) {
      this.ask(group, account, { at: this.now(), method });
      return { group, waits: true };
    }
    if (group.members.size >= this.groups.maxMembers) throw refuse('full');
    this.enter(group, account);
    this.groups.notices.joined(group, account, [account], reason);
    return { group, waits: false };
  }

  /** Comes by an invitation that an admin sent to this person alone. */
  acceptInvite(account: Account, jid: string | undefined, wish: { code?: string; admin?: Account }): Group {
    const group = this.groups.find(jid);
    if (!group) throw refuse('noGroup');
    if (group.has(account)) throw refuse('conflict');
    const invite = group.invites.get(account);
    if (!invite || invite.code !== wish.code || invite.admin !== wish.admin) throw refuse('notAcceptable');
    if (invite.expiresAt <= this.now() || !group.isAdmin(invite.admin)) throw refuse('gone');
    if (group.members.size >= this.groups.maxMembers) throw refuse('full');
    this.enter(group, account);
    this.groups.notices.joined(group, invite.admin, [account], 'invite');
    return group;
  }

  /** The group that such an invitation leads to, as long as it is good. */
  behindInvite(account: Account, jid: string | undefined, code: string | undefined): Group {
    const group = this.groups.find(jid);
    const invite = group?.invites.get(account);
    if (!group || !invite || invite.code !== code) throw refuse('notAcceptable');
    if (invite.expiresAt <= this.now()) throw refuse('gone');
    return group;
  }

  /** Takes invitations back. */
  revokeInvites(actor: Account, jid: string | undefined, people: readonly Account[]): void {
    const group = this.groups.ruledBy(actor, jid);
    for (const account of people) group.invites.delete(account);
  }

  // --- requests ------------------------------------------------------------------------------------------------------

  requests(actor: Account, jid: string | undefined): [Account, JoinRequest][] {
    return [...this.groups.ruledBy(actor, jid).requests];
  }

  answerRequests(
    actor: Account,
    jid: string | undefined,
    answer: 'approve' | 'reject',
    people: readonly Account[],
  ): PersonResult[] {
    const group = this.groups.ruledBy(actor, jid);
    const results = people.map((account): PersonResult => {
      if (!group.requests.has(account)) return { account, code: 404 };
      if (answer === 'approve' && group.members.size >= this.groups.maxMembers) return { account, code: 419 };
      group.requests.delete(account);
      if (answer === 'approve') this.enter(group, account);
      return { account, code: 200 };
    });
    const done = results.filter(({ code }) => code === 200).map(({ account }) => account);
    if (answer === 'approve') this.groups.notices.joined(group, actor, done, 'invite');
    else for (const account of done) this.tellRevoked(group, actor, account);
    return results;
  }

  /** Takes one's own request back. */
  cancelRequest(account: Account, jid: string | undefined): void {
    const group = this.groups.find(jid);
    if (!group?.requests.delete(account)) throw refuse('noGroup');
    this.tellRevoked(group, account, account);
  }

  /** Brings somebody in without a word: the caller tells the members. */
  enter(group: Group, account: Account): void {
    group.members.set(account, 'member');
    group.requests.delete(account);
    group.invites.delete(account);
    group.leavers.delete(account);
  }

  private ask(group: Group, account: Account, request: JoinRequest): void {
    if (group.requests.has(account)) throw refuse('conflict');
    group.requests.set(account, request);
    const change = stanza('created_membership_requests', { request_method: request.method }, [
      stanza('participant', { jid: group.addressOf(account), phone_number: account.address('pn') }),
    ]);
    this.groups.notices.told(group, request.proposedBy ?? account, change, [...this.admins(group), account]);
  }

  private tellRevoked(group: Group, by: Account, account: Account): void {
    const change = stanza('revoked_membership_requests', {}, [
      stanza('participant', { jid: group.addressOf(account), phone_number: account.address('pn') }),
    ]);
    this.groups.notices.told(group, by, change, [...this.admins(group), account]);
  }

  private admins(group: Group): Account[] {
    return [...group.members.keys()].filter((one) => group.isAdmin(one));
  }

  private changeOne(group: Group, actor: Account, action: PeopleAction, account: Account): PersonResult {
    if (action === 'add') {
      const mustAsk = group.needsApproval && !group.isAdmin(actor);
      return mustAsk ? this.propose(group, actor, account) : this.admit(group, actor, account);
    }
    const role = group.members.get(account);
    if (!role) return { account, code: 404 };
    // The creator cannot be removed or demoted by others.
    if (role === 'superadmin' && action !== 'promote' && account !== actor) return { account, code: 406 };
    if (action === 'remove') group.members.delete(account);
    else if (role !== 'superadmin') group.members.set(account, action === 'promote' ? 'admin' : 'member');
    return { account, code: 200 };
  }

  /** A member wants to bring somebody in where admins decide. */
  private propose(group: Group, actor: Account, account: Account): PersonResult {
    if (group.has(account) || group.requests.has(account)) return { account, code: 409 };
    this.ask(group, account, { at: this.now(), method: 'NonAdminAdd', proposedBy: actor });
    return { account, code: 202 };
  }

  /** Whether somebody may be brought in, and if so, brings them in. */
  private admit(group: Group, actor: Account, account: Account): PersonResult {
    if (group.has(account)) return { account, code: 409 };
    if (group.members.size >= this.groups.maxMembers) return { account, code: 419 };
    if (account.blocked.has(actor.address('lid')) || actor.blocked.has(account.address('lid'))) {
      return { account, code: 401 };
    }
    const leftAt = group.leavers.get(account);
    if (leftAt !== undefined && this.now() - leftAt < LEFT_RECENTLY_MS) return { account, code: 408 };
    if (!allows(account, actor, 'groupadd')) {
      return { account, code: 403, invite: this.invite(group, actor, account) };
    }
    this.enter(group, account);
    return { account, code: 200 };
  }

  private invite(group: Group, admin: Account, account: Account): { code: string; expiresAt: number } {
    const invite = { code: this.groups.freeCode(), expiresAt: this.now() + INVITE_LIFE_MS, admin };
    group.invites.set(account, invite);
    return invite;
  }

  private now(): number {
    return this.groups.world.clock.now();
  }
}

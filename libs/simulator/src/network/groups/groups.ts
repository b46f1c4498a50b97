import type { World } from '../../time/world.js';
import { stanza } from '../../wire/stanza.js';
import type { Account, Addressing } from '../account.js';
import type { Directory } from '../directory.js';
import { Group } from './group.js';
import { GroupNotices } from './group-notices.js';
import { restoreGroup, type SavedGroup, saveGroup } from './group-snapshot.js';
import { refuse } from './refusal.js';

const MAX_SUBJECT = 100;
const MAX_DESCRIPTION = 2_048;
const CODE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const CODE_LENGTH = 22;

/** A switch of a group, by the tag that turns it. */
export type GroupSwitch = 'announcement' | 'not_announcement' | 'locked' | 'unlocked';

export interface GroupOptions {
  /** How a new group names its members; default `lid`, as the real network does now. */
  addressing?: Addressing;
  /** Most members of a group; default 1 024. */
  maxMembers?: number;
}

/** All groups of the network, what is set in them and who may set it. Who is in them is `Membership`'s. */
export class Groups {
  readonly notices: GroupNotices;
  readonly maxMembers: number;
  addressing: Addressing;
  private readonly byJid = new Map<string, Group>();
  private readonly byCode = new Map<string, Group>();
  /** Invite codes that were good once. */
  private readonly revokedCodes = new Set<string>();

  constructor(
    readonly world: World,
    private readonly directory: Directory,
    options: GroupOptions = {},
  ) {
    this.notices = new GroupNotices(world);
    this.addressing = options.addressing ?? 'lid';
    this.maxMembers = options.maxMembers ?? 1_024;
  }

  get all(): IterableIterator<Group> {
    return this.byJid.values();
  }

  find(jid: string | undefined): Group | undefined {
    return jid === undefined ? undefined : this.byJid.get(jid);
  }

  /** Every group that somebody is in. */
  of(account: Account): Group[] {
    return [...this.byJid.values()].filter((group) => group.has(account));
  }

  /** A group as one of its members sees it. Refused for others. */
  seenBy(account: Account, jid: string | undefined): Group {
    const group = this.find(jid);
    if (!group) throw refuse('noGroup');
    if (!group.has(account)) throw refuse('notMember');
    return group;
  }

  /** The same, for what only admins may do. */
  ruledBy(account: Account, jid: string | undefined): Group {
    const group = this.seenBy(account, jid);
    if (!group.isAdmin(account)) throw refuse('notAdmin');
    return group;
  }

  /** Makes a group of one: its creator. Nobody is told yet. */
  make(creator: Account, subject: string): Group {
    checkSubject(subject);
    const group = new Group(this.freeJid(), this.addressing, subject, creator, this.world.clock.now(), this.freeCode());
    this.byJid.set(group.jid, group);
    this.byCode.set(group.inviteCode, group);
    return group;
  }

  /** Ends a group. Its former members are told by the caller. */
  remove(group: Group): void {
    this.byJid.delete(group.jid);
    this.byCode.delete(group.inviteCode);
    this.revokedCodes.add(group.inviteCode);
  }

  // --- what is set ---------------------------------------------------------------------------------------------------

  setSubject(actor: Account, jid: string | undefined, subject: string): void {
    const group = this.editable(actor, jid);
    checkSubject(subject);
    Object.assign(group, { subject, subjectBy: actor, subjectAt: this.world.clock.now() });
    const attrs = { subject, s_o: group.addressOf(actor), s_o_pn: actor.address('pn'), s_t: this.seconds() };
    this.notices.changed(group, actor, stanza('subject', attrs));
  }

  /** `previous` must be the id of the description that is replaced: of two changes at once the later one is refused. */
  setDescription(
    actor: Account,
    jid: string | undefined,
    wish: { id?: string; previous?: string; body?: string },
  ): void {
    const group = this.editable(actor, jid);
    if ((group.description?.id ?? undefined) !== wish.previous) throw refuse('conflict');
    if ((wish.body?.length ?? 0) > MAX_DESCRIPTION) throw refuse('notAcceptable');
    if (wish.body) {
      if (!wish.id) throw refuse('badRequest');
      group.description = { id: wish.id, body: wish.body, by: actor, at: this.world.clock.now() };
      const body = stanza('body', {}, Buffer.from(wish.body));
      this.notices.changed(group, actor, stanza('description', { id: wish.id }, [body]));
    } else {
      group.description = undefined;
      this.notices.changed(group, actor, stanza('description', { id: wish.previous }, [stanza('delete')]));
    }
  }

  turn(actor: Account, jid: string | undefined, to: GroupSwitch): void {
    const group = this.ruledBy(actor, jid);
    if (to === 'announcement' || to === 'not_announcement') group.announce = to === 'announcement';
    else group.locked = to === 'locked';
    this.notices.changed(group, actor, stanza(to, { v_id: this.seconds() }));
  }

  setMemberAddMode(actor: Account, jid: string | undefined, mode: string): void {
    const group = this.ruledBy(actor, jid);
    if (mode !== 'admin_add' && mode !== 'all_member_add') throw refuse('badRequest');
    group.memberAddMode = mode;
    this.notices.changed(group, actor, stanza('member_add_mode', {}, Buffer.from(mode)));
  }

  setApproval(actor: Account, jid: string | undefined, state: string | undefined): void {
    const group = this.ruledBy(actor, jid);
    if (state !== 'on' && state !== 'off') throw refuse('badRequest');
    group.needsApproval = state === 'on';
    const join = stanza('group_join', { state });
    this.notices.changed(group, actor, stanza('membership_approval_mode', {}, [join]));
  }

  /** How long new messages stay; 0 for ever. */
  setDisappearing(actor: Account, jid: string | undefined, seconds: number): void {
    const group = this.editable(actor, jid);
    if (!Number.isInteger(seconds) || seconds < 0) throw refuse('badRequest');
    group.disappearingSeconds = seconds;
    const change = seconds ? stanza('ephemeral', { expiration: seconds }) : stanza('not_ephemeral');
    this.notices.changed(group, actor, change);
  }

  /** Sets or takes away the picture, by its id in the picture store. */
  setPicture(actor: Account, jid: string | undefined, pictureId: string | undefined): void {
    const group = this.editable(actor, jid);
    group.pictureId = pictureId;
    this.notices.picture(group, actor);
  }

  /** Any member may do it, unless the group is locked: then only admins. */
  editable(actor: Account, jid: string | undefined): Group {
    const group = this.seenBy(actor, jid);
    if (group.locked && !group.isAdmin(actor)) throw refuse('notAdmin');
    return group;
  }

  // --- invite links --------------------------------------------------------------------------------------------------

  inviteCode(actor: Account, jid: string | undefined): string {
    return this.ruledBy(actor, jid).inviteCode;
  }

  /** The old link is no longer good. */
  revokeInviteCode(actor: Account, jid: string | undefined): string {
    const group = this.ruledBy(actor, jid);
    this.byCode.delete(group.inviteCode);
    this.revokedCodes.add(group.inviteCode);
    group.inviteCode = this.freeCode();
    this.byCode.set(group.inviteCode, group);
    this.notices.changed(group, actor, stanza('invite', { code: group.inviteCode }));
    return group.inviteCode;
  }

  /** The group behind an invite link. Refused with 410 when the link was revoked and with 406 when it never was one. */
  byInviteCode(code: string | undefined): Group {
    const group = this.byCode.get(code ?? '');
    if (!group) throw refuse(this.revokedCodes.has(code ?? '') ? 'gone' : 'notAcceptable');
    return group;
  }

  freeCode(): string {
    const { random } = this.world;
    return Array.from({ length: CODE_LENGTH }, () => random.pick([...CODE_CHARACTERS])).join('');
  }

  // --- keeping -------------------------------------------------------------------------------------------------------

  snapshot(): { groups: SavedGroup[]; revokedCodes: string[] } {
    return { groups: [...this.byJid.values()].map(saveGroup), revokedCodes: [...this.revokedCodes] };
  }

  restore(saved: { groups: SavedGroup[]; revokedCodes: string[] }): void {
    for (const code of saved.revokedCodes) this.revokedCodes.add(code);
    for (const one of saved.groups) {
      const group = restoreGroup(one, (number) => this.directory.ensure(number));
      this.byJid.set(group.jid, group);
      this.byCode.set(group.inviteCode, group);
    }
  }

  private seconds(): number {
    return Math.floor(this.world.clock.now() / 1000);
  }

  private freeJid(): string {
    for (;;) {
      const jid = `120363${String(this.world.random.int(0, 999_999_999_999)).padStart(12, '0')}@g.us`;
      if (!this.byJid.has(jid)) return jid;
    }
  }
}

function checkSubject(subject: string): void {
  if (subject.length === 0 || subject.length > MAX_SUBJECT) throw refuse('notAcceptable');
}

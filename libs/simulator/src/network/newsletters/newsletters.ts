import type { World } from '../../time/world.js';
import type { Account } from '../account.js';
import type { Directory } from '../directory.js';
import { Newsletter, type NewsletterMessage } from './newsletter.js';
import { NewsletterNotices } from './newsletter-notices.js';

const MAX_NAME = 100;
const MAX_DESCRIPTION = 2_048;

/** Why a wish about a newsletter is refused, with the code that the GraphQL answer carries. */
export class NewsletterRefusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface NewsletterUpdate {
  name?: string;
  description?: string;
  /** Id in the picture store; empty to take it away. */
  pictureId?: string;
  reactionCodes?: Newsletter['reactionCodes'];
}

export interface SavedNewsletter {
  jid: string;
  invite: string;
  name: string;
  createdAt: number;
  description: string;
  pictureId?: string;
  nameAt: number;
  descriptionAt: number;
  reactionCodes: Newsletter['reactionCodes'];
  followers: [string, 'owner' | 'admin' | 'subscriber'][];
  muted: string[];
  messages: (Omit<NewsletterMessage, 'author' | 'reactions' | 'viewers'> & {
    author: string;
    reactions: [string, string][];
    viewers: string[];
  })[];
}

/** All newsletters of the network: who follows them, who may write, what was written. */
export class Newsletters {
  readonly notices: NewsletterNotices;
  private readonly byJid = new Map<string, Newsletter>();
  private readonly byInvite = new Map<string, Newsletter>();

  constructor(
    private readonly directory: Directory,
    private readonly pictures: { pictureUrl(id: string): { directPath: string } },
  ) {
    this.notices = new NewsletterNotices(this.world);
  }

  get world(): World {
    return this.directory.world;
  }

  get all(): IterableIterator<Newsletter> {
    return this.byJid.values();
  }

  find(jid: string | undefined): Newsletter | undefined {
    return jid === undefined ? undefined : this.byJid.get(jid);
  }

  /** By its address or by what its link ends in. Throws `NewsletterRefusal`. */
  get(key: string | undefined): Newsletter {
    const found = this.byJid.get(key ?? '') ?? this.byInvite.get(key?.split('/').at(-1) ?? '');
    if (!found) throw new NewsletterRefusal(404, 'newsletter not found');
    return found;
  }

  create(owner: Account, wish: { name: string; description?: string | null }): Newsletter {
    checkTexts(wish);
    const newsletter = new Newsletter(this.freeJid(), this.freeInvite(), wish.name, owner, this.now());
    newsletter.description = wish.description ?? '';
    this.byJid.set(newsletter.jid, newsletter);
    this.byInvite.set(newsletter.invite, newsletter);
    this.tellJoined(owner, newsletter);
    return newsletter;
  }

  update(actor: Account, jid: string | undefined, wish: NewsletterUpdate): Newsletter {
    const newsletter = this.ruled(actor, jid);
    checkTexts(wish);
    if (wish.name !== undefined) Object.assign(newsletter, { name: wish.name, nameAt: this.now() });
    if (wish.description !== undefined) {
      Object.assign(newsletter, { description: wish.description, descriptionAt: this.now() });
    }
    if (wish.pictureId !== undefined) newsletter.pictureId = wish.pictureId || undefined;
    if (wish.reactionCodes !== undefined) newsletter.reactionCodes = wish.reactionCodes;
    this.notices.updated(newsletter, wish);
    return newsletter;
  }

  follow(account: Account, jid: string | undefined): Newsletter {
    const newsletter = this.get(jid);
    if (!newsletter.followers.has(account)) newsletter.followers.set(account, 'subscriber');
    this.tellJoined(account, newsletter);
    return newsletter;
  }

  unfollow(account: Account, jid: string | undefined): Newsletter {
    const newsletter = this.get(jid);
    if (newsletter.isOwner(account)) throw new NewsletterRefusal(409, 'the owner cannot leave a newsletter');
    newsletter.followers.delete(account);
    newsletter.muted.delete(account);
    this.notices.toOwn(account, 'NotificationNewsletterLeave', 'xwa2_notify_newsletter_on_leave', {
      id: newsletter.jid,
      viewer_metadata: { role: 'GUEST', mute: 'OFF' },
    });
    return newsletter;
  }

  mute(account: Account, jid: string | undefined, muted: boolean): Newsletter {
    const newsletter = this.get(jid);
    if (!newsletter.followers.has(account)) throw new NewsletterRefusal(403, 'not a follower');
    if (muted) newsletter.muted.add(account);
    else newsletter.muted.delete(account);
    this.notices.toOwn(account, 'NotificationNewsletterUserSettingChange', 'xwa2_notify_newsletter_on_mute_change', {
      id: newsletter.jid,
      mute: muted ? 'ON' : 'OFF',
    });
    return newsletter;
  }

  /** The owner makes a follower an admin, or takes that back. */
  setAdmin(actor: Account, jid: string | undefined, account: Account | undefined, isAdmin: boolean): Newsletter {
    const newsletter = this.owned(actor, jid);
    if (!account || !newsletter.followers.has(account)) throw new NewsletterRefusal(404, 'not a follower');
    if (newsletter.isOwner(account)) throw new NewsletterRefusal(409, 'the owner stays the owner');
    newsletter.followers.set(account, isAdmin ? 'admin' : 'subscriber');
    this.notices.roleChanged(newsletter, account, isAdmin);
    return newsletter;
  }

  /** The new owner must be an admin already; the old one stays as an admin. */
  changeOwner(actor: Account, jid: string | undefined, account: Account | undefined): Newsletter {
    const newsletter = this.owned(actor, jid);
    if (!account || !newsletter.mayWrite(account)) throw new NewsletterRefusal(400, 'the new owner must be an admin');
    newsletter.followers.set(actor, 'admin');
    newsletter.followers.set(account, 'owner');
    return newsletter;
  }

  delete(actor: Account, jid: string | undefined): Newsletter {
    const newsletter = this.owned(actor, jid);
    this.byJid.delete(newsletter.jid);
    this.byInvite.delete(newsletter.invite);
    this.notices.deleted(newsletter);
    return newsletter;
  }

  /** A newsletter as GraphQL answers describe it (whatsmeow, types/newsletter.go, `NewsletterMetadata`). */
  describe(newsletter: Newsletter, viewer: Account): object {
    const { pictureId } = newsletter;
    const picture = pictureId
      ? { id: pictureId, type: 'IMAGE', direct_path: this.pictures.pictureUrl(pictureId).directPath }
      : { id: '', type: 'IMAGE', direct_path: '' };
    const text = (value: string, at: number) => ({ id: `${at}`, text: value, update_time: `${at * 1000}` });
    return {
      id: newsletter.jid,
      state: { type: 'ACTIVE' },
      thread_metadata: {
        creation_time: String(Math.floor(newsletter.createdAt / 1000)),
        name: text(newsletter.name, newsletter.nameAt),
        description: text(newsletter.description, newsletter.descriptionAt),
        invite: newsletter.invite,
        handle: null,
        picture,
        preview: { ...picture, type: 'PREVIEW' },
        settings: { reaction_codes: { value: newsletter.reactionCodes } },
        subscribers_count: String(newsletter.followers.size),
        verification: 'UNVERIFIED',
      },
      viewer_metadata: {
        mute: newsletter.muted.has(viewer) ? 'ON' : 'OFF',
        role: newsletter.roleOf(viewer).toUpperCase(),
      },
    };
  }

  snapshot(): SavedNewsletter[] {
    return [...this.byJid.values()].map((one) => ({
      jid: one.jid,
      invite: one.invite,
      name: one.name,
      createdAt: one.createdAt,
      description: one.description,
      pictureId: one.pictureId,
      nameAt: one.nameAt,
      descriptionAt: one.descriptionAt,
      reactionCodes: one.reactionCodes,
      followers: [...one.followers].map(([{ number }, role]) => [number, role]),
      muted: [...one.muted].map(({ number }) => number),
      messages: one.messages.map(({ author, reactions, viewers, ...rest }) => ({
        ...rest,
        author: author.number,
        reactions: [...reactions].map(([{ number }, code]) => [number, code]),
        viewers: [...viewers].map(({ number }) => number),
      })),
    }));
  }

  restore(saved: readonly SavedNewsletter[]): void {
    for (const { jid, invite, name, createdAt, followers, muted, messages, ...rest } of saved) {
      const account = (number: string) => this.directory.ensure(number);
      const [[owner] = ['']] = followers.filter(([, role]) => role === 'owner');
      const one = Object.assign(new Newsletter(jid, invite, name, account(owner), createdAt), rest);
      for (const [number, role] of followers) one.followers.set(account(number), role);
      for (const number of muted) one.muted.add(account(number));
      for (const { author, reactions, viewers, ...message } of messages) {
        one.messages.push({
          ...message,
          author: account(author),
          reactions: new Map(reactions.map(([number, code]) => [account(number), code])),
          viewers: new Set(viewers.map(account)),
        });
      }
      this.byJid.set(jid, one);
      this.byInvite.set(invite, one);
    }
  }

  /** All devices of the account learn that it is in the newsletter now. */
  private tellJoined(account: Account, newsletter: Newsletter): void {
    const described = this.describe(newsletter, account);
    this.notices.toOwn(account, 'NotificationNewsletterJoin', 'xwa2_notify_newsletter_on_join', described);
  }

  /** Only its owner and admins. */
  private ruled(actor: Account, jid: string | undefined): Newsletter {
    const newsletter = this.get(jid);
    if (!newsletter.mayWrite(actor)) throw new NewsletterRefusal(403, 'only admins may do that');
    return newsletter;
  }

  private owned(actor: Account, jid: string | undefined): Newsletter {
    const newsletter = this.get(jid);
    if (!newsletter.isOwner(actor)) throw new NewsletterRefusal(403, 'only the owner may do that');
    return newsletter;
  }

  private now(): number {
    return this.world.clock.now();
  }

  private freeJid(): string {
    for (;;) {
      const jid = `120363${String(this.world.random.int(0, 999_999_999_999)).padStart(12, '0')}@newsletter`;
      if (!this.byJid.has(jid)) return jid;
    }
  }

  private freeInvite(): string {
    return `0029Va${this.world.random.hex(8)}`;
  }
}

function checkTexts({ name, description }: { name?: string; description?: string | null }): void {
  if (name !== undefined && (name.length === 0 || name.length > MAX_NAME)) {
    throw new NewsletterRefusal(400, `the name must have 1 to ${MAX_NAME} characters`);
  }
  if ((description?.length ?? 0) > MAX_DESCRIPTION) {
    throw new NewsletterRefusal(400, `the description must have at most ${MAX_DESCRIPTION} characters`);
  }
}

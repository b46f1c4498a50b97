import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';
import {
  type NewsletterChanges,
  type NewsletterFollower,
  type NewsletterPost,
  type NewslettersAbility,
  newsletterLimits,
} from '../../abilities/newsletters.js';
import { type Address, toJid } from '../../address.js';
import { EngineError } from '../../engine.js';
import type { NewsletterFact, NewsletterInfo } from '../../facts/newsletter-facts.js';
import { ask, askOrNull, notSupported } from '../ask.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';
import { pictureImage } from '../picture-image.js';
import { askMex } from './mex.js';
import {
  type FollowersData,
  followerFrom,
  type NewsletterData,
  newsletterFrom,
  newsletterJid,
  postFrom,
} from './newsletter-data.js';
import { parseCounts, parseMexNotification } from './newsletter-notification.js';

/** Documents by the numbers that Baileys rc14 sends (Types/Mex.js). */
const documents = {
  create: ['8823471724422422', 'xwa2_newsletter_create'],
  update: ['24250201037901610', 'xwa2_newsletter_update'],
  metadata: ['6563316087068696', 'xwa2_newsletter'],
  follow: ['24404358912487870', 'xwa2_newsletter_join_v2'],
  unfollow: ['9767147403369991', 'xwa2_newsletter_leave_v2'],
  mute: ['29766401636284406', 'xwa2_newsletter_mute_v2'],
  unmute: ['9864994326891137', 'xwa2_newsletter_unmute_v2'],
  adminCount: ['7130823597031706', 'xwa2_newsletter_admin'],
  followers: ['9783111038412085', 'xwa2_newsletter_subscribers'],
  changeOwner: ['7341777602580933', 'xwa2_newsletter_change_owner'],
  demote: ['6551828931592903', 'xwa2_newsletter_demote'],
  delete: ['30062808666639665', 'xwa2_newsletter_delete_v2'],
  // Not in Baileys: whatsmeow, newsletter.go, `querySubscribedNewsletters`.
  subscribed: ['6388546374527196', 'xwa2_newsletter_subscribed'],
} as const;

/** Where it is remembered, beside the keys of the link, that its newsletters have been listed once. */
const listed = { type: 'waypost', id: 'newsletters-listed' };
/** The terms of newsletters (whatsmeow, `AcceptTOSNotice`). */
const terms = { id: '20601218', stage: '5' };

/** See `NewslettersAbility`. Hears of changes too, and hands them on before they are acknowledged. */
export class BaileysNewsletters implements NewslettersAbility, SocketListener {
  constructor(private readonly live: LiveSocket) {}

  attach(sock: WASocket): void {
    sock.ws.prependListener('CB:notification,type:mex', (node: BinaryNode) =>
      this.tell(parseMexNotification(node, this.live.auth.me)),
    );
    sock.ws.prependListener('CB:notification,type:newsletter', (node: BinaryNode) => this.tell(parseCounts(node)));
    sock.ev.on('connection.update', ({ connection }) => {
      if (connection === 'open') void this.listOnce();
    });
  }

  async create(wish: { name: string; description?: string; picture?: Uint8Array }): Promise<NewsletterInfo> {
    checkTexts(wish);
    const picture = wish.picture ? await pictureImage(wish.picture) : null;
    const input = { name: wish.name, description: wish.description ?? null };
    const made = this.known(await this.mex<NewsletterData>('creating a newsletter', 'create', { input }));
    // In a step of its own: the document that creates takes none.
    return picture ? this.change(made.id, { picture: picture.toString('base64') }) : made;
  }

  async get(newsletterId: string): Promise<NewsletterInfo> {
    return this.known(await this.metadata(newsletterJid(newsletterId), 'JID'));
  }

  async behindInvite(invite: string): Promise<NewsletterInfo | null> {
    const key = invite.trim().split('/').at(-1)!.split('?')[0]!;
    return newsletterFrom(await askOrNull('looking behind an invite', () => this.metadata(key, 'INVITE')));
  }

  async list(): Promise<NewsletterInfo[]> {
    const found = (await this.mex<NewsletterData[]>('listing newsletters', 'subscribed', {})) ?? [];
    const newsletters = found.flatMap((each) => newsletterFrom(each) ?? []);
    const at = new Date();
    this.tell([
      ...newsletters.map((newsletter): NewsletterFact => ({ type: 'newsletter', newsletter, at, source: 'lookup' })),
      { type: 'newsletter_list', newsletterIds: newsletters.map(({ id }) => id), at, source: 'lookup' },
    ]);
    return newsletters;
  }

  async follow(newsletterId: string): Promise<void> {
    await this.mexOn('following a newsletter', 'follow', newsletterId);
  }

  async unfollow(newsletterId: string): Promise<void> {
    await this.mexOn('leaving a newsletter', 'unfollow', newsletterId);
  }

  async setMuted(newsletterId: string, muted: boolean): Promise<void> {
    await this.mexOn('muting a newsletter', muted ? 'mute' : 'unmute', newsletterId);
  }

  async update(newsletterId: string, changes: NewsletterChanges): Promise<NewsletterInfo> {
    checkTexts(changes);
    const { name, description, picture, reactions } = changes;
    const jpeg = picture ? (await pictureImage(picture)).toString('base64') : '';
    return this.change(newsletterId, {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(picture === undefined ? {} : { picture: jpeg }),
      settings: reactions ? { reaction_codes: { value: reactions.toUpperCase() } } : null,
    });
  }

  async delete(newsletterId: string): Promise<void> {
    await this.mexOn('deleting a newsletter', 'delete', newsletterId);
  }

  async adminCount(newsletterId: string): Promise<number> {
    const answer = await this.mexOn<{ admin_count?: number }>('counting admins', 'adminCount', newsletterId);
    return answer?.admin_count ?? 0;
  }

  async followers(newsletterId: string): Promise<NewsletterFollower[]> {
    const answer = await this.mexOn<FollowersData | null>('listing followers', 'followers', newsletterId);
    return (answer?.subscribers?.edges ?? []).flatMap((edge) => followerFrom(edge) ?? []);
  }

  async changeOwner(newsletterId: string, to: Address): Promise<void> {
    await this.mexOn('changing the owner', 'changeOwner', newsletterId, { user_id: await this.lidOf(to) });
  }

  async demoteAdmin(newsletterId: string, admin: Address): Promise<void> {
    await this.mexOn('demoting an admin', 'demote', newsletterId, { user_id: await this.lidOf(admin) });
  }

  async inviteAdmin(): Promise<never> {
    throw notSupported(
      'WhatsApp issues invitations to admins of newsletters by a document that no public client names. Invite on the phone.',
    );
  }

  async posts(
    newsletterId: string,
    { count = 50, before }: { count?: number; before?: string } = {},
  ): Promise<NewsletterPost[]> {
    const jid = newsletterJid(newsletterId);
    const attrs = { type: 'jid', jid, count: pageSize(count), ...(before ? { before } : {}) };
    const answer = await this.query('reading posts', 'get', '@s.whatsapp.net', { tag: 'messages', attrs });
    return postsIn(answer);
  }

  async postChanges(
    newsletterId: string,
    { count = 50, since, after }: { count?: number; since?: Date; after?: string } = {},
  ): Promise<NewsletterPost[]> {
    const attrs = {
      count: pageSize(count),
      ...(since ? { since: String(Math.floor(since.getTime() / 1000)) } : {}),
      ...(after ? { after } : {}),
    };
    const question = { tag: 'message_updates', attrs };
    const answer = await this.query('reading changes of posts', 'get', newsletterJid(newsletterId), question);
    return postsIn(getBinaryNodeChild(answer, 'message_updates'));
  }

  async watch(newsletterId: string): Promise<{ seconds: number }> {
    const wish = { tag: 'live_updates', attrs: {}, content: [] };
    const answer = await this.query('asking for live updates', 'set', newsletterJid(newsletterId), wish);
    return { seconds: Number(getBinaryNodeChild(answer, 'live_updates')?.attrs.duration) || 0 };
  }

  async react(newsletterId: string, serverId: string, emoji: string | null): Promise<void> {
    const attrs = { to: newsletterJid(newsletterId), type: 'reaction', server_id: serverId };
    const reaction = { tag: 'reaction', attrs: emoji ? { code: emoji } : ({} as Record<string, string>) };
    const edit: Record<string, string> = emoji ? {} : { edit: '7' };
    await this.acknowledged('reacting to a post', {
      tag: 'message',
      attrs: { ...attrs, ...edit },
      content: [reaction],
    });
  }

  async markViewed(newsletterId: string, serverIds: string[]): Promise<void> {
    const items = serverIds.map((server_id) => ({ tag: 'item', attrs: { server_id } }));
    const attrs = { to: newsletterJid(newsletterId), type: 'view' };
    const content = [{ tag: 'list', attrs: {}, content: items }];
    await this.acknowledged('marking posts as seen', { tag: 'receipt', attrs, content });
  }

  async acceptTerms(): Promise<void> {
    const socket = this.live.socket();
    const attrs = { type: 'set', xmlns: 'tos', to: '@s.whatsapp.net' };
    await ask('accepting the terms', () =>
      socket.query({ tag: 'iq', attrs, content: [{ tag: 'notice', attrs: { ...terms } }] }),
    );
  }

  private async change(newsletterId: string, updates: object): Promise<NewsletterInfo> {
    const variables = { newsletter_id: newsletterJid(newsletterId), updates: { settings: null, ...updates } };
    await this.mex('changing a newsletter', 'update', variables);
    // The answer lacks what this account is to it.
    return this.get(newsletterId);
  }

  private metadata(key: string, type: 'JID' | 'INVITE'): Promise<NewsletterData | null> {
    const wanted = { fetch_creation_time: true, fetch_full_image: true, fetch_viewer_metadata: true };
    return this.mex('looking at a newsletter', 'metadata', { ...wanted, input: { key, type } });
  }

  private known(data: NewsletterData | null): NewsletterInfo {
    const newsletter = newsletterFrom(data);
    if (!newsletter) {
      const facts = { retryable: false, outcome: 'not_sent' } as const;
      throw new EngineError('not_found', 'WhatsApp does not know this newsletter.', facts);
    }
    if (newsletter.role !== 'none') this.tell([{ type: 'newsletter', newsletter, at: new Date(), source: 'lookup' }]);
    return newsletter;
  }

  private mexOn<T>(what: string, document: keyof typeof documents, newsletterId: string, more: object = {}) {
    return this.mex<T>(what, document, { newsletter_id: newsletterJid(newsletterId), ...more });
  }

  private mex<T>(what: string, document: keyof typeof documents, variables: object): Promise<T> {
    const [queryId, path] = documents[document];
    const socket = this.live.socket();
    return ask(what, () => askMex<T>(socket, queryId, path, variables));
  }

  private async query(what: string, type: 'get' | 'set', to: string, content: BinaryNode): Promise<BinaryNode> {
    const socket = this.live.socket();
    return ask(what, () => socket.query({ tag: 'iq', attrs: { type, xmlns: 'newsletter', to }, content: [content] }));
  }

  /** Sends what the server answers with an `ack`. */
  private async acknowledged(what: string, node: BinaryNode): Promise<void> {
    const socket = this.live.socket();
    await ask(what, async () => {
      const ack = await socket.query(node);
      if (ack?.attrs.error) throw Object.assign(new Error(what), { output: { statusCode: Number(ack.attrs.error) } });
    });
  }

  /** Newsletters know people by LID. */
  private async lidOf(person: Address): Promise<string> {
    const { phone, lid } = await this.live.book.complete(person);
    return toJid(lid ? { phone: null, lid } : { phone, lid });
  }

  private tell(facts: NewsletterFact[]): void {
    if (facts.length > 0) this.live.facts.add(...facts);
  }

  /** Once for each link, and again when it was interrupted before everything was stored. */
  private async listOnce(): Promise<void> {
    const { keys } = this.live.auth;
    try {
      if ((await keys.get(listed.type, [listed.id]))[listed.id]) return;
      await this.list();
      await this.live.facts.stored();
      await keys.set({ [listed.type]: { [listed.id]: { done: true } } });
    } catch (error) {
      this.live.logger.warn({ err: error }, 'the newsletters could not be listed; the next connection tries again');
    }
  }
}

function postsIn(parent: BinaryNode | undefined): NewsletterPost[] {
  const messages = getBinaryNodeChildren(getBinaryNodeChild(parent, 'messages'), 'message');
  return messages.flatMap((each) => postFrom(each) ?? []);
}

function pageSize(count: number): string {
  return String(Math.min(Math.max(1, Math.trunc(count)), newsletterLimits.maxPostsPerPage));
}

function checkTexts({ name, description }: { name?: string; description?: string }): void {
  const { maxNameLength, maxDescriptionLength } = newsletterLimits;
  const isBad =
    (name !== undefined && (name.trim() === '' || name.length > maxNameLength)) ||
    (description?.length ?? 0) > maxDescriptionLength;
  if (!isBad) return;
  throw new EngineError(
    'refused_as_invalid',
    `A newsletter has a name of 1 to ${maxNameLength} characters and a description of at most ${maxDescriptionLength}.`,
    { retryable: false, outcome: 'not_sent' },
  );
}

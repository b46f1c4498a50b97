import { proto } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { Newsletter } from '../../network/newsletters/newsletter.js';
import type { Newsletters, NewsletterUpdate } from '../../network/newsletters/newsletters.js';
import { stanza } from '../../wire/stanza.js';
import { contentOf } from '../content.js';
import type { Phone } from '../phone.js';

/** A newsletter as tests and pages read it. */
export interface NewsletterView {
  jid: string;
  name: string;
  description: string;
  /** What follows `https://whatsapp.com/channel/`. */
  invite: string;
  followers: number;
  role: 'owner' | 'admin' | 'subscriber' | 'guest';
  muted: boolean;
  messages: {
    serverId: number;
    id: string;
    at: number;
    kind: string;
    text?: string;
    reactions: { code: string; count: number }[];
    views: number;
  }[];
}

/** What a person does with newsletters. Rejects with `NewsletterRefusal` what is not allowed. */
export class PersonNewsletters {
  constructor(
    private readonly phone: Phone,
    private readonly newsletters: Newsletters,
    private readonly putPicture: (image: Buffer) => string,
  ) {}

  create(name: string, description?: string): NewsletterView {
    return this.view(this.newsletters.create(this.account, { name, description }));
  }

  /** The newsletters that this person follows or owns. */
  list(): NewsletterView[] {
    return [...this.newsletters.all]
      .filter(({ followers }) => followers.has(this.account))
      .map((one) => this.view(one));
  }

  /** By its address or its invite. */
  info(key: string): NewsletterView {
    return this.view(this.newsletters.get(key));
  }

  follow(key: string): NewsletterView {
    return this.view(this.newsletters.follow(this.account, key));
  }

  unfollow(jid: string): void {
    this.newsletters.unfollow(this.account, jid);
  }

  mute(jid: string, muted = true): void {
    this.newsletters.mute(this.account, jid, muted);
  }

  update(jid: string, change: Omit<NewsletterUpdate, 'pictureId'> & { picture?: Uint8Array | null }): NewsletterView {
    const { picture, ...rest } = change;
    const pictureId = picture === undefined ? undefined : picture === null ? '' : this.putPicture(Buffer.from(picture));
    return this.view(
      this.newsletters.update(this.account, jid, { ...rest, ...(pictureId === undefined ? {} : { pictureId }) }),
    );
  }

  /** Makes a follower an admin, or takes that back. */
  setAdmin(jid: string, number: string, isAdmin: boolean): void {
    const account = [...this.newsletters.get(jid).followers.keys()].find((one) => one.number === number);
    this.newsletters.setAdmin(this.account, jid, account, isAdmin);
  }

  delete(jid: string): void {
    this.newsletters.delete(this.account, jid);
  }

  /** Writes a text. Resolves with its id; its place is in `info`. */
  post(jid: string, text: string): Promise<string> {
    return this.phone.sendToRoom(jid, { extendedTextMessage: { text } });
  }

  /** Reacts to a post by its place; an empty code takes the reaction back. */
  react(jid: string, serverId: number, code: string): void {
    const id = this.phone.newMessageId();
    const attrs = { id, to: jid, type: 'reaction', server_id: serverId, edit: code ? undefined : '7' };
    const answer = this.phone.submit(stanza('message', attrs, [stanza('reaction', code ? { code } : {})]));
    if (answer?.attrs.error) throw new Error(`the network refused the reaction with ${answer.attrs.error}`);
  }

  /** Looks at posts by their places. */
  look(jid: string, ...serverIds: number[]): void {
    const items = serverIds.map((serverId) => stanza('item', { server_id: serverId }));
    this.phone.report(
      stanza('receipt', { id: this.phone.newMessageId(), to: jid, type: 'view' }, [stanza('list', {}, items)]),
    );
    this.phone.chats.opened(jid);
  }

  private view(newsletter: Newsletter): NewsletterView {
    const { jid, name, description, invite, followers } = newsletter;
    return {
      ...{ jid, name, description, invite },
      followers: followers.size,
      role: newsletter.roleOf(this.account),
      muted: newsletter.muted.has(this.account),
      messages: newsletter.messages.map(({ serverId, id, at, plaintext, reactions, viewers }) => {
        const codes = [...reactions.values()];
        const { kind, text } = contentOf(proto.Message.decode(plaintext));
        return {
          ...{ serverId, id, at },
          kind: plaintext.length ? kind : 'deleted',
          ...(text === undefined ? {} : { text }),
          reactions: [...new Set(codes)].map((code) => ({ code, count: codes.filter((one) => one === code).length })),
          views: viewers.size,
        };
      }),
    };
  }

  private get account(): Account {
    return this.phone.account;
  }
}

import type { Account } from '../account.js';

export type NewsletterRole = 'owner' | 'admin' | 'subscriber';

/** A message of a newsletter. It is plain: a newsletter is public. */
export interface NewsletterMessage {
  /** Its place in the newsletter, from 1. */
  serverId: number;
  /** The id that the author's device gave it. */
  id: string;
  author: Account;
  at: number;
  /** When it, its reactions or its views changed last. */
  changedAt: number;
  type: string;
  /** The protocol buffer; empty when it was deleted. */
  plaintext: Buffer;
  reactions: Map<Account, string>;
  viewers: Set<Account>;
}

/** A newsletter, which people call a channel: its owner and admins write, whoever follows it reads. */
export class Newsletter {
  readonly followers = new Map<Account, NewsletterRole>();
  /** Followers who want no notice of new messages. */
  readonly muted = new Set<Account>();
  readonly messages: NewsletterMessage[] = [];
  description = '';
  pictureId?: string;
  nameAt: number;
  descriptionAt: number;
  reactionCodes: 'ALL' | 'BASIC' | 'NONE' = 'ALL';

  constructor(
    /** `…@newsletter`. */
    readonly jid: string,
    /** What follows `https://whatsapp.com/channel/`. */
    readonly invite: string,
    public name: string,
    owner: Account,
    readonly createdAt: number,
  ) {
    this.nameAt = createdAt;
    this.descriptionAt = createdAt;
    this.followers.set(owner, 'owner');
  }

  roleOf(account: Account): NewsletterRole | 'guest' {
    return this.followers.get(account) ?? 'guest';
  }

  mayWrite(account: Account): boolean {
    const role = this.followers.get(account);
    return role === 'owner' || role === 'admin';
  }

  isOwner(account: Account): boolean {
    return this.followers.get(account) === 'owner';
  }

  message(serverId: number): NewsletterMessage | undefined {
    return this.messages[serverId - 1];
  }

  messageById(id: string | undefined): NewsletterMessage | undefined {
    return this.messages.find((one) => one.id === id);
  }

  get admins(): Account[] {
    return [...this.followers.keys()].filter((one) => this.mayWrite(one));
  }
}

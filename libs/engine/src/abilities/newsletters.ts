import type { MessageContent } from '#contracts';
import type { Address } from '../address.js';
import type { NewsletterInfo, NewsletterRole } from '../facts/newsletter-facts.js';
import type { MethodsOf } from './ability.js';

/** A post as the server has it. */
export interface NewsletterPost {
  /** Its place in the newsletter, which reactions and views are counted by. */
  serverId: string;
  waMessageId: string;
  postedAt: Date | null;
  /** Null when it was deleted, or when only its counts were told. */
  content: MessageContent | null;
  views: number | null;
  /** How often each emoji was given. */
  reactions: Record<string, number>;
}

/** Somebody who follows a newsletter that this account rules. */
export interface NewsletterFollower {
  person: Address;
  name: string | null;
  role: NewsletterRole;
}

export interface NewsletterChanges {
  name?: string;
  /** Empty: none. */
  description?: string;
  /** Any image: it is cut to a square JPEG of 640 pixels. Null takes the picture away. */
  picture?: Uint8Array | null;
  reactions?: NewsletterInfo['reactions'];
}

/**
 * Newsletters, which people call channels. Named by the part of their JID before the `@`. Posts are messages to a chat of
 * the kind `newsletter`. Each method throws EngineError `not_connected`, `not_found` (no such newsletter),
 * `not_allowed` (what only its owner or admins may do), `rate_limited`, `server_error`, `no_answer`.
 *
 * WhatsApp answers through GraphQL documents that it names by numbers and renames from time to time: then a method fails
 * with `refused_as_invalid` until the library knows the new ones.
 */
export interface NewslettersAbility {
  /** @throws `refused_as_invalid` when the name is empty or too long */
  create(newsletter: { name: string; description?: string; picture?: Uint8Array }): Promise<NewsletterInfo>;
  get(newsletterId: string): Promise<NewsletterInfo>;
  /** By what follows `https://whatsapp.com/channel/`, or the whole link. Null when there is none. */
  behindInvite(invite: string): Promise<NewsletterInfo | null>;
  /** Those that this account follows or rules. */
  list(): Promise<NewsletterInfo[]>;
  follow(newsletterId: string): Promise<void>;
  /** @throws `conflict` when this account owns it */
  unfollow(newsletterId: string): Promise<void>;
  setMuted(newsletterId: string, muted: boolean): Promise<void>;
  update(newsletterId: string, changes: NewsletterChanges): Promise<NewsletterInfo>;
  delete(newsletterId: string): Promise<void>;
  adminCount(newsletterId: string): Promise<number>;
  /** Those whom WhatsApp shows to the owner and admins: admins, and followers who are contacts. */
  followers(newsletterId: string): Promise<NewsletterFollower[]>;
  /** The new owner must be an admin; this account stays one. */
  changeOwner(newsletterId: string, to: Address): Promise<void>;
  demoteAdmin(newsletterId: string, admin: Address): Promise<void>;
  /** @throws `not_supported`: WhatsApp issues the invitation by a document that no public client names */
  inviteAdmin(newsletterId: string, person: Address): Promise<never>;
  /** Posts from the newest back, at most 100; `before` a place. */
  posts(newsletterId: string, options?: { count?: number; before?: string }): Promise<NewsletterPost[]>;
  /** Posts whose text or counts changed since a moment, or that come after a place. */
  postChanges(
    newsletterId: string,
    options?: { count?: number; since?: Date; after?: string },
  ): Promise<NewsletterPost[]>;
  /** Asks to be told reactions and views as they change (`newsletter_counts`). @returns for how many seconds */
  watch(newsletterId: string): Promise<{ seconds: number }>;
  /** Null takes the reaction back. */
  react(newsletterId: string, serverId: string, emoji: string | null): Promise<void>;
  /** Counts these posts as seen by this account. Says nothing to anybody else. */
  markViewed(newsletterId: string, serverIds: string[]): Promise<void>;
  /** Accepts the terms that WhatsApp asks for once before the first newsletter is created. */
  acceptTerms(): Promise<void>;
}

export const newslettersMethods: MethodsOf<NewslettersAbility> = {
  create: 'changes',
  get: 'reads',
  behindInvite: 'reads',
  list: 'reads',
  follow: 'changes',
  unfollow: 'changes',
  setMuted: 'changes',
  update: 'changes',
  delete: 'changes',
  adminCount: 'reads',
  followers: 'reads',
  changeOwner: 'changes',
  demoteAdmin: 'changes',
  inviteAdmin: 'changes',
  posts: 'reads',
  postChanges: 'reads',
  watch: 'changes',
  react: 'changes',
  markViewed: 'changes',
  acceptTerms: 'changes',
};

/** From WhatsApp's own clients: names and descriptions of channels. */
export const newsletterLimits = { maxNameLength: 100, maxDescriptionLength: 2_048, maxPostsPerPage: 100 } as const;

import type { Fact } from './fact.js';

/** What an account is to a newsletter. */
export type NewsletterRole = 'none' | 'subscriber' | 'admin' | 'owner';

/** A newsletter (channel) as this account sees it. */
export interface NewsletterInfo {
  /** The part of its JID before the `@`. */
  id: string;
  name: string;
  description: string;
  /** What follows `https://whatsapp.com/channel/`. */
  invite: string;
  createdAt: Date | null;
  /** As far as WhatsApp tells it. */
  subscriberCount: number | null;
  isVerified: boolean;
  pictureId: string | null;
  role: NewsletterRole;
  muted: boolean;
  /** Which emojis others may react with. */
  reactions: 'all' | 'basic' | 'none';
}

/** What became known about newsletters (channels). */
export type NewsletterFact =
  /** The whole newsletter as the server tells it. */
  | Fact<'newsletter', { newsletter: NewsletterInfo }>
  /** Every newsletter that this account follows or rules. */
  | Fact<'newsletter_list', { newsletterIds: string[] }>
  | Fact<'newsletter_changed', { newsletterId: string; name?: string; description?: string }>
  /** Reactions and views of a post, counted by the server. */
  | Fact<
      'newsletter_counts',
      { newsletterId: string; serverId: string; views?: number; reactions?: Record<string, number> }
    >
  /** What this account is to it now, or that it mutes it. Absent: not told. */
  | Fact<'newsletter_role', { newsletterId: string; role?: NewsletterRole; muted?: boolean }>
  /** It exists no more. */
  | Fact<'newsletter_deleted', { newsletterId: string }>;

import type { Fact } from './fact.js';

/** What became known about newsletters (channels). */
export type NewsletterFact =
  | Fact<'newsletter_changed', { newsletterId: string; name?: string; description?: string }>
  /** Reactions and views of a post, counted by the server. */
  | Fact<
      'newsletter_counts',
      { newsletterId: string; serverId: string; views?: number; reactions?: Record<string, number> }
    >
  /** Whether this account follows it, and as what. */
  | Fact<'newsletter_role', { newsletterId: string; role: 'none' | 'subscriber' | 'admin' | 'owner'; muted?: boolean }>;

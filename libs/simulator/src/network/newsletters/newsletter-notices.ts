import type { BinaryNode } from '../../baileys.js';
import type { World } from '../../time/world.js';
import { notification, stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Newsletter, NewsletterMessage } from './newsletter.js';

/** How long live updates go on after they were asked for, in seconds (whatsmeow, `NewsletterSubscribeLiveUpdates`). */
export const LIVE_SECONDS = 300;

/**
 * Tells people of newsletters. GraphQL notices carry the data as whatsmeow reads it (`data.xwa2_notify_…`) and beside it
 * the list of updates that Baileys reads (Socket/messages-recv.js, `handleLegacyMexNewsletterNotification`).
 */
export class NewsletterNotices {
  /** Who watches a newsletter live, and until when. */
  private readonly watchers = new Map<Newsletter, Map<Account, number>>();

  constructor(private readonly world: World) {}

  watch(newsletter: Newsletter, account: Account): void {
    const until = this.world.clock.now() + LIVE_SECONDS * 1000;
    const watching = this.watchers.get(newsletter) ?? new Map<Account, number>();
    this.watchers.set(newsletter, watching.set(account, until));
  }

  updated(newsletter: Newsletter, update: { name?: string; description?: string; pictureId?: string }): void {
    const { name, description, pictureId } = update;
    const settings = { name, description, ...(pictureId === undefined ? {} : { picture: pictureId }) };
    const data = { xwa2_notify_newsletter_on_metadata_update: { id: newsletter.jid, thread_metadata: settings } };
    const node = this.mex('NotificationNewsletterUpdate', data, [{ jid: newsletter.jid, settings }]);
    for (const account of newsletter.followers.keys()) account.deliver(node());
  }

  roleChanged(newsletter: Newsletter, account: Account, isAdmin: boolean): void {
    const operation = isAdmin ? 'NotificationNewsletterAdminPromote' : 'NotificationNewsletterAdminDemote';
    const user = account.address('lid');
    const field = isAdmin ? 'xwa2_notify_newsletter_admin_promote' : 'xwa2_notify_newsletter_admin_demote';
    const node = this.mex(operation, { [field]: { id: newsletter.jid, user } }, [{ jid: newsletter.jid, user }]);
    for (const one of new Set([...newsletter.admins, account])) one.deliver(node());
  }

  deleted(newsletter: Newsletter): void {
    const change = { id: newsletter.jid, state: { type: 'DELETED' } };
    const data = { xwa2_notify_newsletter_on_state_change: change };
    const node = this.mex('NotificationNewsletterStateChange', data, [{ jid: newsletter.jid, state: 'DELETED' }]);
    for (const account of newsletter.followers.keys()) account.deliver(node());
  }

  /** To all devices of the account that did something, so that they agree. */
  toOwn(account: Account, operation: string, field: string, value: object): void {
    account.deliver(this.mex(operation, { [field]: value }, [value])());
  }

  /** Reactions or views of a message have changed: whoever watches is told the new counts. */
  live(newsletter: Newsletter, message: NewsletterMessage, reaction?: string): void {
    const now = this.world.clock.now();
    const counts = stanza('live_updates', {}, [stanza('messages', { t: seconds(message.at) }, [countsNode(message)])]);
    // Baileys reads a reaction from a child of its own (Socket/messages-recv.js, `handleNewsletterNotification`).
    const single = reaction
      ? [stanza('reaction', { message_id: message.serverId }, [stanza('reaction', {}, Buffer.from(reaction))])]
      : [];
    for (const [account, until] of this.watchers.get(newsletter) ?? []) {
      if (until > now) account.deliver(notification('newsletter', [counts, ...single], newsletter.jid));
    }
  }

  private mex(operation: string, data: object, updates: object[]): () => BinaryNode {
    const content = Buffer.from(JSON.stringify({ data, operation, updates }));
    return () => notification('mex', [stanza('update', { op_name: operation }, content)]);
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** A message with its counts, without its text. */
export function countsNode(message: NewsletterMessage): BinaryNode {
  const counts = new Map<string, number>();
  for (const code of message.reactions.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
  return stanza(
    'message',
    { id: message.id, server_id: message.serverId, type: message.type, t: seconds(message.at) },
    [
      stanza('views_count', { count: message.viewers.size }),
      stanza(
        'reactions',
        {},
        [...counts].map(([code, count]) => stanza('reaction', { code, count })),
      ),
    ],
  );
}

/** A message with its text and its counts, as lists of messages have it. */
export function messageNode(message: NewsletterMessage): BinaryNode {
  const counted = countsNode(message);
  const plain = message.plaintext.length ? [stanza('plaintext', {}, message.plaintext)] : [];
  return { ...counted, content: [...plain, ...(counted.content as BinaryNode[])] };
}

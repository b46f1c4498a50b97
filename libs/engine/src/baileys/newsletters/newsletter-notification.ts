import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { NewsletterFact } from '../../facts/newsletter-facts.js';
import { parse } from './mex.js';
import { type NewsletterData, newsletterFrom, newsletterIdOf, postFrom, roleOf, textOf } from './newsletter-data.js';

/** What a notice says of its newsletter: as much of `NewsletterData` as is another now, or who is an admin now. */
type Notice = NewsletterData & { mute?: string; user?: string | { id?: string } };

/**
 * Reads a `mex` notification about a newsletter. The name of the field says what happened (whatsmeow, notification.go,
 * `handleMexNotification`: join, leave, mute; Baileys, `handleMexNotification`: updates, admins, state). Others say nothing.
 */
export function parseMexNotification(node: BinaryNode, me: { id: string; lid: string }): NewsletterFact[] {
  const at = new Date((Number(node.attrs.t) || Date.now() / 1000) * 1000);
  const data = parse(getBinaryNodeChild(node, 'update')).data ?? {};
  return Object.entries(data).flatMap(([field, value]) => {
    const notice = value as Notice | null;
    const newsletterId = newsletterIdOf(notice?.id);
    if (!notice || !newsletterId) return [];
    return factsOf(field, notice, newsletterId, me).map((fact) => ({ ...fact, at, source: 'notification' as const }));
  });
}

type Bare<T> = T extends unknown ? Omit<T, 'at' | 'source'> : never;

function factsOf(
  field: string,
  notice: Notice,
  newsletterId: string,
  me: { id: string; lid: string },
): Bare<NewsletterFact>[] {
  switch (field) {
    case 'xwa2_notify_newsletter_on_join': {
      const newsletter = newsletterFrom(notice);
      return newsletter ? [{ type: 'newsletter', newsletter }] : [];
    }
    case 'xwa2_notify_newsletter_on_leave':
      return [{ type: 'newsletter_role', newsletterId, role: 'none' }];
    case 'xwa2_notify_newsletter_on_mute_change':
      return [{ type: 'newsletter_role', newsletterId, muted: notice.mute === 'ON' }];
    case 'xwa2_notify_newsletter_on_state_change':
      return notice.state?.type === 'DELETED' ? [{ type: 'newsletter_deleted', newsletterId }] : [];
    case 'xwa2_notify_newsletter_admin_promote':
    case 'xwa2_notify_newsletter_admin_demote': {
      const role = field.endsWith('promote') ? 'admin' : 'subscriber';
      return isUser(notice.user, me) ? [{ type: 'newsletter_role', newsletterId, role }] : [];
    }
    case 'xwa2_notify_newsletter_on_metadata_update': {
      const { name, description } = notice.thread_metadata ?? {};
      if (name === undefined && description === undefined) return [];
      return [
        {
          type: 'newsletter_changed',
          newsletterId,
          ...(name === undefined ? {} : { name: textOf(name) }),
          ...(description === undefined ? {} : { description: textOf(description) }),
        },
      ];
    }
    default:
      return notice.viewer_metadata?.role
        ? [{ type: 'newsletter_role', newsletterId, role: roleOf(notice.viewer_metadata.role) }]
        : [];
  }
}

function isUser(user: Notice['user'], { id, lid }: { id: string; lid: string }): boolean {
  const digits = (jid: string | undefined) => jid?.split(/[:@]/)[0];
  const named = digits(typeof user === 'string' ? user : user?.id);
  return named !== undefined && (named === digits(lid) || named === digits(id));
}

/** Reads a `newsletter` notification: counts of posts, told while live updates were asked for. */
export function parseCounts(node: BinaryNode): NewsletterFact[] {
  const newsletterId = newsletterIdOf(node.attrs.from);
  if (!newsletterId) return [];
  const at = new Date((Number(node.attrs.t) || Date.now() / 1000) * 1000);
  const messages = getBinaryNodeChild(getBinaryNodeChild(node, 'live_updates'), 'messages');
  return getBinaryNodeChildren(messages, 'message').flatMap((each) => {
    const post = postFrom(each);
    if (!post) return [];
    const { serverId, views, reactions } = post;
    const counted = { newsletterId, serverId, reactions, ...(views === null ? {} : { views }) };
    return [{ type: 'newsletter_counts' as const, ...counted, at, source: 'notification' as const }];
  });
}

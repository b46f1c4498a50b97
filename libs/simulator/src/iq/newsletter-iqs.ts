import type { BinaryNode } from '../baileys.js';
import { LIVE_SECONDS, messageNode } from '../network/newsletters/newsletter-notices.js';
import { NewsletterRefusal, type Newsletters } from '../network/newsletters/newsletters.js';
import { stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

const MOST_MESSAGES = 100;

/** Messages of newsletters, and being told of changes live (Baileys, Socket/newsletter.js; whatsmeow, newsletter.go). */
export function registerNewsletterIqs(registry: IqRegistry, newsletters: Newsletters): void {
  registry
    .on('newsletter', 'get', 'messages', ({ child: wish }) => {
      const { jid, key, count, before } = wish?.attrs ?? {};
      const { messages } = found(newsletters, jid ?? key);
      const older = messages.filter(({ serverId }) => before === undefined || serverId < Number(before));
      return [listOf(older.slice(-limit(count)))];
    })
    .on('newsletter', 'get', 'message_updates', ({ node, child: wish }) => {
      const { count, since, after } = wish?.attrs ?? {};
      const changed = found(newsletters, node.attrs.to).messages.filter(
        ({ serverId, changedAt }) =>
          (after === undefined || serverId > Number(after)) &&
          (since === undefined || changedAt >= Number(since) * 1000),
      );
      return [stanza('message_updates', {}, [listOf(changed.slice(-limit(count)))])];
    })
    .on('newsletter', 'set', 'live_updates', ({ node, account }) => {
      newsletters.notices.watch(found(newsletters, node.attrs.to), account);
      return [stanza('live_updates', { duration: LIVE_SECONDS })];
    });
}

const limit = (count: string | undefined): number =>
  Math.min(Number(count ?? MOST_MESSAGES) || MOST_MESSAGES, MOST_MESSAGES);

const listOf = (messages: Parameters<typeof messageNode>[0][]): BinaryNode =>
  stanza('messages', {}, messages.map(messageNode));

function found(newsletters: Newsletters, jid: string | undefined): ReturnType<Newsletters['get']> {
  try {
    return newsletters.get(jid);
  } catch (error) {
    if (error instanceof NewsletterRefusal) throw new IqRefusal(error.code, 'item-not-found');
    throw error;
  }
}

import { stanza } from '../wire/stanza.js';
import { type IqRegistry, IqUnsupported } from './registry.js';

/** Other questions that a 1:1 client asks: media hosts, business profiles, bots, GraphQL, groups taken part in. */
export function registerServiceIqs(registry: IqRegistry, mediaHost: () => { hostname: string; auth: string }): void {
  registry
    .on('w:m', 'set', 'media_conn', () => {
      const { hostname, auth } = mediaHost();
      const conn = { auth, ttl: 300, auth_ttl: 21_600, max_buckets: 12 };
      return [stanza('media_conn', conn, [stanza('host', { hostname, type: 'primary' })])];
    })
    .on('w:biz', 'get', 'business_profile', () => [stanza('business_profile', { v: 244 }, [])])
    .on('bot', 'get', 'bot', () => [stanza('bot', { v: 2 }, [])])
    .on('w:stats', 'set', '*', () => undefined)
    .on('w:mex', 'get', 'query', ({ child }) => [stanza('result', {}, graphQlAnswer(child?.attrs.query_id ?? ''))])
    .on('w:g2', 'get', 'participating', () => [stanza('groups', {}, [])])
    .on('w:g2', 'get', '*', () => {
      throw new IqUnsupported('group query');
    })
    .on('w:g2', 'set', '*', () => {
      throw new IqUnsupported('group change');
    });
}

const GRAPHQL: Record<string, unknown> = {
  // Is the account restricted from opening new chats?
  '23983697327930364': { xwa2_fetch_account_reachout_timelock: { is_active: false } },
  // How many new chats may it open?
  '24503548349331633': { xwa2_message_capping_info: { total_quota: -1, used_quota: 0, capping_status: 'NONE' } },
};

function graphQlAnswer(queryId: string): Buffer {
  const data = GRAPHQL[queryId];
  if (!data) throw new IqUnsupported(`GraphQL query ${queryId}`);
  return Buffer.from(JSON.stringify({ data }));
}

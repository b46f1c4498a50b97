import { AUTH_TTL_S, CONN_TTL_S } from '../media/upload-access.js';
import { MAX_UPLOAD_BYTES } from '../media/upload-rules.js';
import type { Account } from '../network/account.js';
import type { Policies } from '../network/policies.js';
import { stanza } from '../wire/stanza.js';
import { type IqRegistry, IqUnsupported } from './registry.js';

/** Other questions that a 1:1 client asks: media hosts, business profiles, bots, GraphQL, groups taken part in. */
export function registerServiceIqs(
  registry: IqRegistry,
  mediaHost: () => { hostnames: string[]; auth: string },
  policies: Policies,
): void {
  registry
    .on('w:m', 'set', 'media_conn', () => {
      const { hostnames, auth } = mediaHost();
      const conn = { auth, ttl: CONN_TTL_S, auth_ttl: AUTH_TTL_S, max_buckets: 12 };
      const hosts = hostnames.map((hostname, index) => {
        const type = index === 0 ? 'primary' : 'fallback';
        return stanza('host', { hostname, type, maxContentLengthBytes: MAX_UPLOAD_BYTES });
      });
      return [stanza('media_conn', conn, hosts)];
    })
    .on('bot', 'get', 'bot', () => [stanza('bot', { v: 2 }, [])])
    .on('w:stats', 'set', '*', () => undefined)
    // Terms that somebody accepts (whatsmeow, newsletter.go, `AcceptTOSNotice`).
    .on('tos', 'set', 'notice', () => undefined)
    .on('w:mex', 'get', 'query', ({ child, account }) => {
      const answer = graphQlAnswer(child?.attrs.query_id ?? '', account, policies);
      return [stanza('result', {}, answer)];
    })
    .on('w:g2', 'get', 'participating', () => [stanza('groups', {}, [])])
    .on('w:g2', 'get', '*', () => {
      throw new IqUnsupported('group query');
    })
    .on('w:g2', 'set', '*', () => {
      throw new IqUnsupported('group change');
    });
}

const GRAPHQL: Record<string, (account: Account, policies: Policies) => unknown> = {
  // Is the account restricted from opening new chats?
  '23983697327930364': (account) => ({ xwa2_fetch_account_reachout_timelock: account.restriction.describe() }),
  // How many new chats may it open? Field names as Baileys reads them (`Types/State.d.ts`).
  '24503548349331633': (account, policies) => ({ xwa2_message_capping_info: cappingOf(account, policies) }),
};

function graphQlAnswer(queryId: string, account: Account, policies: Policies): Buffer {
  const answer = GRAPHQL[queryId];
  if (!answer) throw new IqUnsupported(`GraphQL query ${queryId}`);
  return Buffer.from(JSON.stringify({ data: answer(account, policies) }));
}

function cappingOf(account: Account, policies: Policies) {
  const { limit, used } = policies.newChats(account);
  const status = limit !== undefined && used >= limit ? 'CAPPED' : 'NONE';
  return { total_quota: limit ?? -1, used_quota: used, capping_status: status };
}

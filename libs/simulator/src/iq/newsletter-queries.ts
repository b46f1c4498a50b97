import type { Account } from '../network/account.js';
import type { Directory } from '../network/directory.js';
import { NewsletterRefusal, type Newsletters, type NewsletterUpdate } from '../network/newsletters/newsletters.js';
import { bytes, stanza } from '../wire/stanza.js';
import type { IqRegistry } from './registry.js';

/** A GraphQL question: the whole answer to these variables, errors included. */
type GraphQlQuery = (account: Account, variables: object) => object;

interface Variables {
  newsletter_id?: string;
  user_id?: string;
  input?: { key?: string; name?: string; description?: string | null; newsletter_id?: string; count?: number };
  updates?: {
    name?: string;
    description?: string;
    picture?: string;
    settings?: { reaction_codes?: { value?: string } };
  };
}

/** Answers the GraphQL questions about newsletters. */
export function registerNewsletterQueries(
  registry: IqRegistry,
  newsletters: Newsletters,
  directory: Directory,
  putPicture: (image: Buffer) => string,
): void {
  const queries = newsletterQueries(newsletters, directory, putPicture);
  registry.onSome('w:mex', 'get', 'query', ({ account, child }) => {
    const query = queries[child?.attrs.query_id ?? ''];
    if (!query) return undefined;
    const { variables = {} } = JSON.parse(bytes(child).toString()) as { variables?: object };
    return [stanza('result', {}, Buffer.from(JSON.stringify(query(account, variables))))];
  });
}

/** Questions and wishes about newsletters, by the ids that Baileys sends (Types/Mex.js). */
function newsletterQueries(
  newsletters: Newsletters,
  directory: Directory,
  putPicture: (image: Buffer) => string,
): Record<string, GraphQlQuery> {
  const on =
    (path: string, act: (account: Account, variables: Variables) => object): GraphQlQuery =>
    (account, variables) =>
      answer(path, () => act(account, variables as Variables));
  const described = (path: string, act: (account: Account, jid: string | undefined) => { jid: string }): GraphQlQuery =>
    on(path, (account, { newsletter_id }) => {
      const { jid } = act(account, newsletter_id);
      return { ...newsletters.describe(newsletters.get(jid), account), id: jid };
    });
  return {
    '8823471724422422': on('xwa2_newsletter_create', (account, { input }) => {
      const made = newsletters.create(account, { name: input?.name ?? '', description: input?.description });
      return newsletters.describe(made, account);
    }),
    '24250201037901610': on('xwa2_newsletter_update', (account, { newsletter_id, updates }) => {
      const changed = newsletters.update(account, newsletter_id, updateOf(updates, putPicture));
      return newsletters.describe(changed, account);
    }),
    '6563316087068696': on('xwa2_newsletter', (account, { input }) =>
      newsletters.describe(newsletters.get(input?.key), account),
    ),
    '9783111038412085': on('xwa2_newsletter_subscribers', (_account, { newsletter_id, input }) => {
      const { followers } = newsletters.get(newsletter_id ?? input?.newsletter_id);
      const edges = [...followers].map(([account, role]) => ({
        node: { id: account.address('lid'), pn: account.address('pn'), display_name: account.name },
        role: role.toUpperCase(),
      }));
      return { subscribers: { edges }, subscribers_count: followers.size };
    }),
    '24404358912487870': described('xwa2_newsletter_join_v2', (account, jid) => newsletters.follow(account, jid)),
    '9767147403369991': on('xwa2_newsletter_leave_v2', (account, { newsletter_id }) => ({
      id: newsletters.unfollow(account, newsletter_id).jid,
    })),
    '29766401636284406': described('xwa2_newsletter_mute_v2', (account, jid) => newsletters.mute(account, jid, true)),
    '9864994326891137': described('xwa2_newsletter_unmute_v2', (account, jid) => newsletters.mute(account, jid, false)),
    '7130823597031706': on('xwa2_newsletter_admin', (_account, { newsletter_id }) => ({
      admin_count: newsletters.get(newsletter_id).admins.length,
    })),
    '7341777602580933': on('xwa2_newsletter_change_owner', (account, { newsletter_id, user_id }) => ({
      id: newsletters.changeOwner(account, newsletter_id, directory.accountAt(user_id)).jid,
    })),
    '6551828931592903': on('xwa2_newsletter_demote', (account, { newsletter_id, user_id }) => ({
      id: newsletters.setAdmin(account, newsletter_id, directory.accountAt(user_id), false).jid,
    })),
    '30062808666639665': on('xwa2_newsletter_delete_v2', (account, { newsletter_id }) => ({
      id: newsletters.delete(account, newsletter_id).jid,
      state: { type: 'DELETED' },
    })),
    // whatsmeow, newsletter.go, `querySubscribedNewsletters`.
    '6388546374527196': on('xwa2_newsletter_subscribed', (account) =>
      [...newsletters.all]
        .filter(({ followers }) => followers.has(account))
        .map((one) => newsletters.describe(one, account)),
    ),
  };
}

/** The answer, or the errors in the form that GraphQL gives them. */
function answer(path: string, act: () => object): object {
  try {
    return { data: { [path]: act() } };
  } catch (error) {
    if (!(error instanceof NewsletterRefusal)) throw error;
    const { message, code } = error;
    const extensions = { error_code: code, is_retryable: false, severity: 'CRITICAL' };
    return { data: { [path]: null }, errors: [{ message, path: [path], extensions }] };
  }
}

function updateOf(updates: Variables['updates'] = {}, putPicture: (image: Buffer) => string): NewsletterUpdate {
  const { name, description, picture, settings } = updates;
  const codes = settings?.reaction_codes?.value;
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(picture === undefined ? {} : { pictureId: picture && putPicture(Buffer.from(picture, 'base64')) }),
    ...(codes === 'ALL' || codes === 'BASIC' || codes === 'NONE' ? { reactionCodes: codes } : {}),
  };
}

import { type BinaryNode, jidDecode, proto } from '../baileys.js';
import type { Account } from '../network/account.js';
import { allows } from '../network/accounts/privacy.js';
import type { Directory } from '../network/directory.js';
import { bytes, child, children, SERVER, stanza, wireTime } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry, IqUnsupported } from './registry.js';

/** More users than this cannot be asked about at once; the limit of the service is not known. */
const MAX_USERS = 5_000;

/** What is asked about a user, who it turned out to be, and who asks. */
interface Subject {
  /** As it was asked for; absent when the question names neither an address nor a number. */
  jid?: string;
  account: Account | undefined;
  asker: Account;
  /** The protocol's node in the query. */
  query: BinaryNode;
}

type Protocol = (subject: Subject) => BinaryNode | undefined;

const PROTOCOLS: Record<string, Protocol> = {
  contact: ({ account, jid }) => {
    const user = jidDecode(jid)?.user ?? '';
    const isNumber = jid?.endsWith('@lid') || /^\d{5,15}$/.test(user);
    const type = account ? 'in' : isNumber ? 'out' : 'invalid';
    return stanza('contact', { type }, Buffer.from(`+${user}`));
  },
  devices: ({ account }) => account && devicesNode(account),
  // Only for phone numbers: a client that asked by LID has the mapping already.
  lid: ({ account, jid }) =>
    account && !jid?.endsWith('@lid') ? stanza('lid', { val: account.address('lid') }) : undefined,
  status: ({ account, asker }) => {
    if (!account) return undefined;
    // Baileys reads a code of 401 as "not shown to you".
    if (!allows(account, asker, 'status')) return stanza('status', { code: 401 });
    return stanza('status', { t: Math.floor(account.card.aboutAt / 1000) }, Buffer.from(account.about));
  },
  disappearing_mode: ({ account }) => {
    if (!account) return undefined;
    const { seconds, at } = account.card.disappearing;
    return stanza('disappearing_mode', { duration: seconds, t: Math.floor(at / 1000) });
  },
  username: ({ account }) =>
    account?.card.username ? stanza('username', {}, Buffer.from(account.card.username)) : undefined,
  business: ({ account }) => account?.card.business && businessNode(account),
  picture: ({ account, asker }) =>
    account?.pictureId && allows(account, asker, 'profile') ? stanza('picture', { id: account.pictureId }) : undefined,
  // There are no bots in this network; who is asked about one gets nothing.
  bot: () => undefined,
};

/** The user query: is this number here, which devices has it, what is its LID, its about text… */
export function registerUsync(registry: IqRegistry, directory: Directory): void {
  registry.on('usync', 'get', 'usync', (request) => {
    const queries = children(child(request.child, 'query'));
    const unknown = queries.find(({ tag }) => !PROTOCOLS[tag]);
    if (unknown) throw new IqUnsupported(`usync protocol ${unknown.tag}`);
    const asked = children(child(request.child, 'list'), 'user');
    if (asked.length > MAX_USERS) throw new IqRefusal(400, 'bad-request');
    const byLid = queries.some(({ attrs }) => attrs.addressing_mode === 'lid');
    const users = asked.map((user) => userNode(directory, request.account, user, queries, byLid));
    const { sid, mode, context } = request.child?.attrs ?? {};
    const results = queries.map(({ tag }) => stanza(tag, {}));
    return [
      stanza('usync', { sid, index: 0, last: 'true', mode, context }, [
        stanza('result', {}, results),
        stanza('list', {}, users),
      ]),
    ];
  });
}

function userNode(
  directory: Directory,
  asker: Account,
  user: BinaryNode,
  queries: BinaryNode[],
  byLid: boolean,
): BinaryNode {
  const contact = child(user, 'contact');
  const { username } = contact?.attrs ?? {};
  const phone = bytes(contact).toString().replace(/^\+/, '');
  const jid = user.attrs.jid ?? (phone ? `${phone}@${SERVER}` : undefined);
  const account = username ? byUsername(directory, username) : directory.accountAt(jid);
  const answers = queries.flatMap((query) => PROTOCOLS[query.tag]?.({ jid, account, asker, query }) ?? []);
  // whatsmeow `IsOnWhatsApp` asks with addressing_mode="lid": the LID comes as the address, the number beside it.
  const attrs =
    (byLid || username) && account
      ? { jid: account.address('lid'), pn_jid: account.address('pn') }
      : { jid: jid ?? account?.address('lid') };
  return stanza('user', attrs, answers);
}

function byUsername(directory: Directory, username: string): Account | undefined {
  for (const account of directory.accounts) if (account.card.username === username) return account;
  return undefined;
}

/** The name of a business, in the form of a certificate. Nobody has signed it: clients do not check (whatsmeow). */
function businessNode(account: Account): BinaryNode {
  const verifiedName = account.card.business?.profile.verifiedName;
  if (!verifiedName) return stanza('business');
  const details = proto.VerifiedNameCertificate.Details.encode({ serial: 1, issuer: 'smb:wa', verifiedName }).finish();
  const certificate = proto.VerifiedNameCertificate.encode({ details }).finish();
  return stanza('business', {}, [stanza('verified_name', { v: 2 }, certificate)]);
}

function devicesNode(account: Account): BinaryNode {
  const devices = [...account.devices.values()].map(({ number }) =>
    stanza('device', { id: number, 'key-index': number || undefined }),
  );
  return stanza('devices', {}, [
    stanza('device-list', {}, devices),
    stanza('key-index-list', { ts: wireTime(account.world.clock) }, Buffer.alloc(0)),
  ]);
}

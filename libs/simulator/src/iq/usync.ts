import { type BinaryNode, jidDecode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { Directory } from '../network/directory.js';
import { bytes, child, children, SERVER, stanza, wireTime } from '../wire/stanza.js';
import { type IqRegistry, IqUnsupported } from './registry.js';

/** What is asked about a user, and who it turned out to be. */
interface Subject {
  jid: string;
  account: Account | undefined;
  asked: BinaryNode;
}

type Protocol = (subject: Subject) => BinaryNode | undefined;

const PROTOCOLS: Record<string, Protocol> = {
  contact: ({ account, jid }) =>
    stanza('contact', { type: account ? 'in' : 'out' }, Buffer.from(`+${jidDecode(jid)?.user ?? ''}`)),
  devices: ({ account }) => account && devicesNode(account),
  // Only for phone numbers: a client that asked by LID has the mapping already.
  lid: ({ account, jid }) =>
    account && !jid.endsWith('@lid') ? stanza('lid', { val: account.address('lid') }) : undefined,
  status: ({ account }) => account && stanza('status', { t: timeOf(account) }, Buffer.from(account.about)),
  disappearing_mode: ({ account }) => account && stanza('disappearing_mode', { duration: 0, t: timeOf(account) }),
  username: () => undefined,
  business: () => undefined,
  picture: ({ account }) => (account?.pictureId ? stanza('picture', { id: account.pictureId }) : undefined),
};

/** The user query: is this number here, which devices has it, what is its LID, its about text… */
export function registerUsync(registry: IqRegistry, directory: Directory): void {
  registry.on('usync', 'get', 'usync', (request) => {
    const wanted = children(child(request.child, 'query')).map((protocol) => protocol.tag);
    const unknown = wanted.find((name) => !PROTOCOLS[name]);
    if (unknown) throw new IqUnsupported(`usync protocol ${unknown}`);
    const users = children(child(request.child, 'list'), 'user').map((asked) => {
      const subject = subjectOf(directory, asked);
      const answers = wanted.flatMap((name) => PROTOCOLS[name]?.(subject) ?? []);
      return stanza('user', { jid: subject.jid }, answers);
    });
    const { sid, mode, context } = request.child?.attrs ?? {};
    return [
      stanza('usync', { sid, index: 0, last: 'true', mode, context }, [
        stanza(
          'result',
          {},
          wanted.map((name) => stanza(name, {})),
        ),
        stanza('list', {}, users),
      ]),
    ];
  });
}

function subjectOf(directory: Directory, asked: BinaryNode): Subject {
  const phone = bytes(child(asked, 'contact')).toString().replace(/\D/g, '');
  const jid = asked.attrs.jid ?? `${phone}@${SERVER}`;
  return { jid, account: directory.accountAt(jid), asked };
}

function devicesNode(account: Account): BinaryNode {
  const devices = [...account.devices.values()].map(({ number }) =>
    stanza('device', { id: number, 'key-index': number || undefined }),
  );
  return stanza('devices', {}, [
    stanza('device-list', {}, devices),
    stanza('key-index-list', { ts: timeOf(account) }, Buffer.alloc(0)),
  ]);
}

const timeOf = (account: Account): string => wireTime(account.world.clock);

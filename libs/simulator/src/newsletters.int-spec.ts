import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import type { Person } from './people/person.js';
import { TestBench, type TestClient, textOf } from './test-client.js';

const OWNER = '6281200000001';
const OTHER_OWNER = '6281200000009';
const FRIEND = '6281300000002';

interface Described {
  id: string;
  thread_metadata: { name: { text: string }; description: { text: string }; subscribers_count: string };
  viewer_metadata: { role: string; mute: string };
}

const child = (node: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  Array.isArray(node?.content) ? node.content.find((one) => one.tag === tag) : undefined;

describe('newsletters', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let friend: Person;

  beforeEach(async () => {
    await bench.start({ seed: 'newsletters' });
    friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    gateway = await bench.linked(OWNER);
  });

  afterEach(() => bench.stop());

  const healthy = async (): Promise<void> => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  };

  const metadata = async (client: TestClient, jid: string): Promise<Described> =>
    (await client.socket.newsletterMetadata('jid', jid)) as unknown as Described;

  it('are made, changed and deleted by a client', async () => {
    const made = await gateway.socket.newsletterCreate('News', 'of the day');
    expect(made).toMatchObject({ name: 'News', description: 'of the day', subscribers: 1 });
    friend.newsletters.follow(made.id);
    const told = gateway.next<{ update: { name?: string } }>('newsletter-settings.update');
    await gateway.socket.newsletterUpdateName(made.id, 'Newer news');
    expect((await told).update.name).toBe('Newer news');
    await gateway.socket.newsletterUpdateDescription(made.id, 'of the hour');
    expect(await metadata(gateway, made.id)).toMatchObject({
      thread_metadata: { name: { text: 'Newer news' }, description: { text: 'of the hour' }, subscribers_count: '2' },
      viewer_metadata: { role: 'OWNER', mute: 'OFF' },
    });
    expect(await gateway.socket.newsletterMetadata('invite', made.invite ?? '')).toMatchObject({ id: made.id });
    expect(await gateway.socket.newsletterSubscribers(made.id)).toMatchObject({ subscribers_count: 2 });
    expect(await gateway.socket.newsletterAdminCount(made.id)).toBe(1);
    const picture = Buffer.from('a picture').toString('base64');
    await gateway.socket.newsletterUpdate(made.id, { picture });
    expect(await metadata(gateway, made.id)).toMatchObject({
      thread_metadata: { picture: { direct_path: expect.stringContaining('/') } },
    });
    await gateway.socket.newsletterRemovePicture(made.id);
    expect(await metadata(gateway, made.id)).toMatchObject({ thread_metadata: { picture: { direct_path: '' } } });
    await gateway.socket.newsletterDelete(made.id);
    await expect(gateway.socket.newsletterMetadata('jid', made.id)).rejects.toThrow('newsletter not found');
    expect(friend.newsletters.list()).toEqual([]);
    await healthy();
  });

  it('bring what a client writes to those who follow', async () => {
    const other = await bench.linked(OTHER_OWNER);
    const { id: jid } = await gateway.socket.newsletterCreate('News');
    friend.newsletters.follow(jid);
    await other.socket.newsletterFollow(jid);
    const id = await gateway.sendText(jid, 'extra, extra');
    await gateway.expectAck(id);
    const { message } = await other.expectText('extra, extra');
    expect(message.key).toMatchObject({ remoteJid: jid, id, server_id: '1' });
    const got = await friend.expectMessage('extra, extra');
    expect(got).toMatchObject({ chat: jid, from: jid });
    expect(friend.chats.list()).toMatchObject([
      { id: jid, kind: 'newsletter', title: 'News', unread: 1, readOnly: true },
    ]);
    await expect(friend.newsletters.post(jid, 'may I?')).rejects.toThrow('403');

    const edited = other.next<{ key: { id?: string } }>('messages.update', ({ key }) => key.id === id);
    await gateway.socket.sendMessage(jid, { text: 'extra!', edit: { remoteJid: jid, fromMe: true, id } });
    await edited;
    expect(friend.newsletters.info(jid).messages).toMatchObject([{ serverId: 1, text: 'extra!' }]);
    await gateway.socket.sendMessage(jid, { delete: { remoteJid: jid, fromMe: true, id } });
    await friend.expectMessage({ kind: 'revoke' });
    expect(friend.newsletters.info(jid).messages).toMatchObject([{ serverId: 1, kind: 'deleted' }]);
    await healthy();
  });

  it('let a client follow a person’s, mute it, react, and leave', async () => {
    const { jid, invite } = friend.newsletters.create('Poems', 'short ones');
    await friend.newsletters.post(jid, 'before');
    expect(await gateway.socket.newsletterMetadata('invite', invite)).toMatchObject({
      viewer_metadata: { role: 'GUEST' },
    });
    await gateway.socket.newsletterFollow(jid);
    await friend.newsletters.post(jid, 'roses are red');
    const { message } = await gateway.expectText('roses are red');
    expect(gateway.upserts.list().map((one) => textOf(one.message))).not.toContain('before');

    const history = (await gateway.socket.newsletterFetchMessages(jid, 10, 0, 0)) as BinaryNode;
    const messages = child(child(history, 'message_updates'), 'messages')?.content as BinaryNode[];
    const texts = messages.map((one) => proto.Message.decode(child(one, 'plaintext')?.content as Uint8Array));
    expect(texts.map((one) => one.extendedTextMessage?.text)).toEqual(['before', 'roses are red']);

    await gateway.socket.newsletterMute(jid);
    expect(await metadata(gateway, jid)).toMatchObject({ viewer_metadata: { mute: 'ON', role: 'SUBSCRIBER' } });
    await gateway.socket.newsletterUnmute(jid);
    expect(await gateway.socket.subscribeNewsletterUpdates(jid)).toEqual({ duration: '300' });
    const reacted = gateway.next<{ id: string; server_id: string; reaction: { code?: string } }>('newsletter.reaction');
    await gateway.socket.newsletterReactMessage(jid, '2', '❤️');
    expect(await reacted).toMatchObject({ id: jid, server_id: '2', reaction: { code: '❤️' } });
    expect(friend.newsletters.info(jid).messages[1]).toMatchObject({ reactions: [{ code: '❤️', count: 1 }] });
    await gateway.socket.newsletterReactMessage(jid, '2');
    expect(friend.newsletters.info(jid).messages[1]).toMatchObject({ reactions: [] });
    bench.simulator.person(OWNER).newsletters.look(jid, 2);
    expect(friend.newsletters.info(jid).messages[1]).toMatchObject({ views: 1 });
    await gateway.socket.newsletterUnfollow(jid);
    expect(friend.newsletters.info(jid).followers).toBe(1);
    expect(message.key.remoteJid).toBe(jid);
    await healthy();
  });

  it('have admins and can change hands', async () => {
    const { id: jid } = await gateway.socket.newsletterCreate('News');
    friend.newsletters.follow(jid);
    const owner = bench.simulator.person(OWNER);
    const promoted = gateway.next<{ action: string; user: string }>('newsletter-participants.update');
    owner.newsletters.setAdmin(jid, FRIEND, true);
    expect(await promoted).toMatchObject({ action: 'promote', user: `${friend.account.lid}@lid` });
    await friend.newsletters.post(jid, 'as an admin');
    await gateway.expectText('as an admin');
    await gateway.socket.newsletterDemote(jid, `${friend.account.lid}@lid`);
    expect(friend.newsletters.info(jid).role).toBe('subscriber');
    await expect(gateway.socket.newsletterChangeOwner(jid, `${friend.account.lid}@lid`)).rejects.toThrow('admin');
    owner.newsletters.setAdmin(jid, FRIEND, true);
    await gateway.socket.newsletterChangeOwner(jid, `${friend.account.lid}@lid`);
    expect(friend.newsletters.info(jid).role).toBe('owner');
    await expect(gateway.socket.newsletterDelete(jid)).rejects.toThrow('only the owner');
    await healthy();
  });
});

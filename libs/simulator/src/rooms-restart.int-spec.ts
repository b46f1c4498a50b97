import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBench } from './test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const AUNT = '6281300000003';

describe('groups, newsletters and what phones show, with a data file', () => {
  const bench = new TestBench();
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-rooms-'));
  });

  afterEach(async () => {
    await bench.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are the same after a restart, and messages go on', async () => {
    const dataFile = join(folder, 'network.json');
    await bench.start({ dataFile });
    const friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    bench.simulator.person(AUNT, { name: 'Aunt' });
    const gateway = await bench.linked(OWNER);
    const group = await gateway.socket.groupCreate(
      'Family',
      [FRIEND, AUNT].map((one) => `${one}@s.whatsapp.net`),
    );
    await gateway.socket.groupUpdateDescription(group.id, 'All of us');
    const code = (await gateway.socket.groupInviteCode(group.id)) ?? '';
    const revoked = code;
    const fresh = await gateway.socket.groupRevokeInvite(group.id);
    await gateway.socket.groupSettingUpdate(group.id, 'locked');
    friend.groups.leave(group.id);
    friend.groups.join(fresh ?? '');
    const poll = await friend.messages.poll(group.id, { question: 'Tea?', options: ['Yes', 'No'] });
    await bench.simulator.person(AUNT).expectMessage({ kind: 'poll' });
    await bench.simulator.person(AUNT).messages.vote({ chat: group.id, id: poll, from: FRIEND }, ['Yes']);
    const { jid } = friend.newsletters.create('News');
    await friend.newsletters.post(jid, 'first');
    await gateway.socket.newsletterFollow(jid);
    friend.status.setAudience('only', [AUNT]);
    const before = [friend.groups.list(), friend.newsletters.list(), friend.chats.open(group.id)];
    await bench.simulator.settle();
    const during = friend.chats.open(group.id);
    await gateway.stop();
    await bench.simulator.stop();

    await bench.start({ dataFile });
    const back = bench.again(gateway);
    await back.connect();
    const same = bench.simulator.person(FRIEND);
    expect([same.groups.list(), same.newsletters.list()]).toEqual(before.slice(0, 2));
    expect(same.chats.open(group.id)).toEqual(during);
    expect(same.status.audience).toEqual([AUNT]);
    await expect(back.socket.groupAcceptInvite(revoked)).rejects.toMatchObject({ data: 410 });
    expect(await back.socket.groupMetadata(group.id)).toMatchObject({ restrict: true, desc: 'All of us', size: 3 });
    // Sessions and sender keys of both sides still fit, or are made anew.
    await back.sendText(group.id, 'after the restart');
    await same.expectMessage('after the restart');
    await same.sendText(group.id, 'so am I');
    await back.expectText('so am I');
    await bench.simulator.person(AUNT).expectMessage('so am I');
    await bench.simulator.person(AUNT).messages.vote({ chat: group.id, id: poll, from: FRIEND }, ['No']);
    await same.expectMessage({ kind: 'vote' });
    expect(same.chats.message(group.id, poll)?.poll?.options.map(({ voters }) => voters)).toEqual([[], [AUNT]]);
    await same.newsletters.post(jid, 'second');
    await back.expectText('second');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });
});

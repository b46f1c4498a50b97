import { type Person, Simulator } from '#simulator';
import { parseChatJid, userChat } from '../chat-address.js';
import { addressOf, engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('what a connection does not listen to', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let carl: Person;

  beforeAll(async () => {
    simulator = await Simulator.start();
    carl = simulator.person('15550006302', { name: 'Carl' });
    const listening = { groups: false, newsletters: false, status: false, ownMessages: false, media: false };
    profile = await new TestProfile(engineFor(simulator), simulator, '15550006301', { listening }).connect();
  });
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  it('is neither decrypted nor stored, and does not come again', async () => {
    const own = simulator.person(profile.number);
    const { jid } = carl.groups.create('Loud', [profile.number]).group;
    const newsletter = carl.newsletters.create('News').jid;
    own.newsletters.follow(newsletter);
    await carl.sendText(jid, 'in the group');
    await carl.newsletters.post(newsletter, 'in the newsletter');
    carl.status.setAudience('only', [profile.number]);
    await carl.status.postText('in a status');
    await own.sendText(carl.number, 'from our phone');
    await carl.sendText(profile.number, 'to you');
    await profile.received('to you');
    await simulator.settle();
    expect(profile.sink.texts).toEqual(['to you']);
    const journalled = profile.store.commits.flatMap(({ journal = [] }) => journal.map(({ id }) => id));
    expect(journalled.filter((id) => /g\.us|newsletter|broadcast/.test(id))).toEqual([]);
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await carl.sendText(profile.number, 'and again');
    await profile.received('and again');
    expect(profile.sink.texts).toEqual(['to you', 'and again']);
  });

  it('can still be written to', async () => {
    const { jid } = carl.groups.create('Quiet', [profile.number]).group;
    const id = messageId();
    await profile.connection.send(
      parseChatJid(jid)!,
      { content: { kind: 'text', text: 'hello' } },
      { waMessageId: id },
    );
    await carl.expectMessage({ id });
    const toCarl = messageId();
    await profile.connection.send(
      userChat(addressOf(carl)),
      { content: { kind: 'text', text: 'you' } },
      { waMessageId: toCarl },
    );
    await carl.expectMessage({ id: toCarl });
  });

  it('media comes without the way to its file', async () => {
    const id = await carl.sendImage(profile.number, Buffer.from('a picture'));
    expect(await profile.receivedMessage(({ waMessageId }) => waMessageId === id)).toMatchObject({
      content: { kind: 'image' },
      download: null,
    });
  });
});

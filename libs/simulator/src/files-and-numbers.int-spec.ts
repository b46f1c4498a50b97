import { randomBytes } from 'node:crypto';
import { Agent as HttpsAgent } from 'node:https';
import { BufferJSON, downloadMediaMessage, type WAMessage, WAMessageStubType } from '@whiskeysockets/baileys';
import type { Agent } from 'undici';
import { until } from '#testing';
import type { Person } from './people/person.js';
import { TestBench, type TestClient } from './test-client.js';
import { eventOf, synced } from './test-events.js';
import { downloadOptions, mediaDispatcher } from './test-media.js';
import { DrivenClock } from './time/clock.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const DAY_MS = 86_400_000;

describe('files and numbers', () => {
  const bench = new TestBench();
  let clock: DrivenClock;
  let agent: HttpsAgent;
  let dispatcher: Agent;
  let owner: Person;
  let friend: Person;
  let gateway: TestClient;

  beforeEach(async () => {
    clock = new DrivenClock(Date.now());
    await bench.start({ clock });
    agent = new HttpsAgent({ ca: bench.simulator.caPem });
    dispatcher = mediaDispatcher(bench.simulator);
    owner = bench.simulator.person(OWNER);
    friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    gateway = await synced(await bench.linked(OWNER, { fetchAgent: agent, options: downloadOptions(dispatcher) }));
  });

  afterEach(async () => {
    await bench.stop();
    agent.destroy();
    await dispatcher.destroy();
  });

  const download = (message: WAMessage): Promise<Buffer> =>
    downloadMediaMessage(message, 'buffer', { options: downloadOptions(dispatcher) as never });

  async function receivedFile(): Promise<{ message: WAMessage; file: Buffer }> {
    const file = randomBytes(5_000);
    const after = gateway.upserts.lastIndex;
    await friend.sendDocument(OWNER, file, { fileName: 'paper.pdf' });
    const found = await gateway.upserts.wait(({ message }) => Boolean(message.message?.documentMessage), {
      after,
      timeoutMs: 10_000,
      what: 'document',
    });
    return { message: found.message, file };
  }

  it('uploads a file again when a client finds it gone', async () => {
    const { message, file } = await receivedFile();
    expect((await download(message)).equals(file)).toBe(true);
    await clock.advance(31 * DAY_MS);
    await expect(download(message)).rejects.toMatchObject({ output: { statusCode: 410 } });
    // So that the client knows a media host of the network when it makes the new address.
    await gateway.socket.refreshMediaConn();
    const renewed = await gateway.socket.updateMediaMessage(message);
    expect((await download(renewed)).equals(file)).toBe(true);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('says when the phone does not have the file, or cannot upload it', async () => {
    const { message } = await receivedFile();
    owner.files.expire(message.key.id!);
    await expect(download(message)).rejects.toMatchObject({ output: { statusCode: 410 } });
    owner.files.answer = 'not-found';
    await expect(gateway.socket.updateMediaMessage(message)).rejects.toMatchObject({ output: { statusCode: 404 } });
    owner.files.answer = 'error';
    await expect(gateway.socket.updateMediaMessage(message)).rejects.toMatchObject({ output: { statusCode: 418 } });
    owner.files.answer = 'upload';
    await gateway.socket.updateMediaMessage(message);
  });

  it('takes uploads again after the client fetched a new token, and refuses what is too large', async () => {
    const send = (file: Buffer) =>
      gateway.socket.sendMessage(`${FRIEND}@s.whatsapp.net`, { image: file, jpegThumbnail: 'AA==' });
    await send(randomBytes(1_000));
    bench.simulator.revokeUploads();
    await send(randomBytes(1_001));
    await friend.expectMessage((one) => one.content.media?.fileLength === 1_001);
    await expect(send(randomBytes(17 * 1024 * 1024))).rejects.toThrow('Media upload failed on all hosts');
    bench.simulator.assertHealthy({ ignore: ['bad-upload'] });
    expect(bench.simulator.problems.map(({ detail }) => detail.split(': ')[1])).toEqual([
      'wrong auth token',
      'larger than 16 MiB',
      'larger than 16 MiB',
    ]);
  });

  it('serves a range of a file', async () => {
    const { message, file } = await receivedFile();
    const { documentMessage } = message.message!;
    const { downloadContentFromMessage } = await import('@whiskeysockets/baileys');
    const stream = await downloadContentFromMessage(documentMessage as never, 'document', {
      startByte: 1_000,
      endByte: 2_000,
      options: downloadOptions(dispatcher) as never,
    });
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(file.subarray(1_000, 2_000))).toBe(true);
  });

  it('goes on with somebody who installed WhatsApp again', async () => {
    await gateway.sendText(FRIEND, 'before');
    await friend.expectMessage('before');
    await friend.sendText(OWNER, 'old keys');
    await gateway.expectText('old keys');
    friend.reinstall();
    await bench.simulator.settle();
    await gateway.sendText(FRIEND, 'to the new phone');
    await friend.expectMessage('to the new phone');
    await friend.sendText(OWNER, 'new keys');
    await gateway.expectText('new keys');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('ends the clients of an owner who installed WhatsApp again', async () => {
    owner.reinstall();
    expect((await gateway.expectEnd()).code).toBe(401);
    const again = await bench.linked(OWNER);
    await friend.sendText(OWNER, 'linked anew');
    await again.expectText('linked anew');
  });

  it('goes on with somebody who changed number', async () => {
    await gateway.sendText(FRIEND, 'to the old number');
    await friend.expectMessage('to the old number');
    await friend.groups.create('Neighbours', [OWNER]);
    await gateway.expectMessage(({ messageStubParameters: [subject] = [] }) => subject === 'Neighbours');
    bench.simulator.changeNumber(FRIEND, '6281300000099');
    const { GROUP_PARTICIPANT_CHANGE_NUMBER } = WAMessageStubType;
    const told = await gateway.expectMessage((one) => one.messageStubType === GROUP_PARTICIPANT_CHANGE_NUMBER);
    expect(told.message.messageStubParameters).toEqual([`${FRIEND}@s.whatsapp.net`]);
    await friend.sendText(OWNER, 'from the new number');
    const { message } = await gateway.expectText('from the new number');
    expect(message.key.remoteJidAlt).toBe('6281300000099@s.whatsapp.net');
    expect(await gateway.socket.onWhatsApp(FRIEND)).toEqual([]);
    await gateway.sendText('6281300000099', 'noted');
    await friend.expectMessage('noted');
    expect(bench.simulator.findPerson('6281300000099')).toBe(friend);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('tells a client to fetch groups anew, until it did', async () => {
    const { card } = owner.account;
    owner.profile.markDirty('groups');
    expect(card.dirty.get(1)?.has('groups')).toBe(true);
    await until(() => !card.dirty.get(1)?.has('groups'));
    const synced = eventOf(gateway, 'creds.update', ({ lastAccountSyncTimestamp }) =>
      Boolean(lastAccountSyncTimestamp),
    );
    owner.profile.markDirty('account_sync');
    await synced;
  });

  it('ends typing that is not renewed, and calls that nobody answers', async () => {
    const states: (string | undefined)[] = [];
    gateway.socket.ev.on('presence.update', ({ presences }) => {
      states.push(...Object.values(presences).map(({ lastKnownPresence }) => lastKnownPresence));
    });
    friend.typing(OWNER);
    await until(() => states.includes('composing'));
    await clock.advance(26_000);
    await until(() => states.includes('available'));

    const missed = eventOf(gateway, 'call', ([one]) => one?.status === 'timeout');
    const id = friend.calls.ring(OWNER);
    await owner.calls.expect('offer', { id });
    await clock.advance(46_000);
    await missed;
    expect(friend.calls.stateOf(id)).toBe('missed');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('keeps settings, tokens and what is dirty over a restart', async () => {
    await owner.settings.saveContacts({ number: FRIEND, name: 'Ana' });
    await owner.settings.archive(FRIEND);
    friend.profile.giveToken(OWNER);
    await gateway.stop();
    owner.profile.markDirty('account_sync');
    const saved = JSON.parse(JSON.stringify(bench.simulator.snapshot(), BufferJSON.replacer), BufferJSON.reviver);
    await bench.stop();
    await bench.start();
    bench.simulator.restore(saved);
    const again = bench.simulator.person(OWNER);
    await again.settings.sync.pull();
    expect(again.settings.contacts).toEqual([{ number: FRIEND, name: 'Ana' }]);
    expect(again.settings.chat(FRIEND).archived).toBe(true);
    expect(again.profile.hasTokenFrom(FRIEND)).toBe(true);
    const back = bench.again(gateway);
    back.start();
    await eventOf(back, 'creds.update', ({ lastAccountSyncTimestamp }) => Boolean(lastAccountSyncTimestamp));
    await again.settings.pin(FRIEND);
    expect(again.settings.chat(FRIEND).pinned).toBe(true);
  });
});

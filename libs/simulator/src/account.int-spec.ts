import { type BaileysEventMap, type WACallEvent, type WASocket } from '@whiskeysockets/baileys';
import { Feed } from './people/feed.js';
import type { Person } from './people/person.js';
import { TestBench, type TestClient } from './test-client.js';
import { eventOf, synced } from './test-events.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const STRANGER = '6281300000003';

describe('an account', () => {
  const bench = new TestBench();
  let owner: Person;
  let friend: Person;
  let stranger: Person;
  let gateway: TestClient;
  let socket: WASocket;
  let friendJid: string;

  beforeAll(async () => {
    await bench.start();
    owner = bench.simulator.person(OWNER);
    friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    stranger = bench.simulator.person(STRANGER);
    friendJid = friend.account.address('lid');
    gateway = await synced(await bench.linked(OWNER));
    socket = gateway.socket;
    await gateway.sendText(FRIEND, 'we know each other');
    await friend.expectMessage('we know each other');
  });

  afterEach(async () => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  afterAll(() => bench.stop());

  it('finds numbers, and says which there are not', async () => {
    expect(await socket.onWhatsApp(FRIEND, '628999999999999', '12')).toEqual([
      { jid: `${FRIEND}@s.whatsapp.net`, exists: true },
    ]);
    const many = Array.from({ length: 300 }, (_, index) => `62815${String(index).padStart(8, '0')}`);
    bench.simulator.person(many[7]!);
    expect(await socket.onWhatsApp(...many)).toEqual([{ jid: `${many[7]}@s.whatsapp.net`, exists: true }]);
  });

  it('shows about text and disappearing mode, as far as privacy lets it', async () => {
    friend.profile.setAbout('At the beach');
    friend.profile.setDisappearing(86_400);
    expect(await socket.fetchStatus(friendJid)).toMatchObject([{ id: friendJid, status: { status: 'At the beach' } }]);
    expect(await socket.fetchDisappearingDuration(friendJid)).toMatchObject([
      { disappearing_mode: { duration: 86_400 } },
    ]);
    friend.profile.setPrivacy('status', 'contacts');
    expect(await socket.fetchStatus(friendJid)).toMatchObject([{ status: { status: '' } }]);
    await friend.settings.saveContacts({ number: OWNER, name: 'Shop' });
    expect(await socket.fetchStatus(friendJid)).toMatchObject([{ status: { status: 'At the beach' } }]);
    friend.profile.setPrivacy('status', 'contact_blacklist', [OWNER]);
    expect(await socket.fetchStatus(friendJid)).toMatchObject([{ status: { status: '' } }]);
    friend.profile.setPrivacy('status', 'all');
    await socket.updateProfileStatus('Open till nine');
    expect(owner.profile.about).toBe('Open till nine');
  });

  it('shows pictures, tells when they change, and hides them', async () => {
    await expect(socket.profilePictureUrl(friendJid)).rejects.toThrow('item-not-found');
    const changed = eventOf(gateway, 'contacts.update', ([one]) => one?.imgUrl === 'changed');
    const id = friend.profile.setPicture();
    expect((await changed)[0]?.id).toBe(friendJid);
    expect(await socket.profilePictureUrl(friendJid, 'image')).toContain(`/pps/${id}`);
    expect(await socket.profilePictureUrl(friendJid, 'preview')).toContain('form=preview');
    friend.profile.setPrivacy('profile', 'none');
    await expect(socket.profilePictureUrl(friendJid)).rejects.toThrow('not-authorized');
    friend.profile.setPrivacy('profile', 'all');
    const removed = eventOf(gateway, 'contacts.update', ([one]) => one?.imgUrl === 'removed');
    friend.profile.removePicture();
    await removed;
    const same = await socket.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'w:profile:picture', target: owner.account.address('pn') },
      content: [{ tag: 'picture', attrs: { type: 'image', query: 'url', id: owner.profile.setPicture() } }],
    });
    expect(JSON.stringify(same)).toContain('"status":"304"');
    await socket.removeProfilePicture(socket.user!.id);
    expect(owner.profile.pictureId).toBeUndefined();
  });

  it('changes privacy settings and tells the other companions', async () => {
    await socket.updateLastSeenPrivacy('contacts');
    await socket.updateGroupsAddPrivacy('contact_blacklist');
    expect(await socket.fetchPrivacySettings(true)).toMatchObject({ last: 'contacts', groupadd: 'contact_blacklist' });
    expect(owner.profile.privacy('last')).toBe('contacts');
    await expect(socket.updateOnlinePrivacy('nonsense' as never)).rejects.toThrow('bad-request');
    await socket.updateLastSeenPrivacy('all');
    await socket.updateGroupsAddPrivacy('all');
  });

  it('blocks on any device, and all others hear of it', async () => {
    const second = await synced(await bench.linked(OWNER));
    const added = eventOf(second, 'blocklist.update', ({ type }) => type === 'add');
    await socket.updateBlockStatus(friendJid, 'block');
    expect((await added).blocklist).toEqual([friendJid]);
    expect(owner.profile.blocked).toEqual([FRIEND]);
    await friend.sendText(OWNER, 'nobody hears this');
    const removed = eventOf(gateway, 'blocklist.update', ({ type }) => type === 'remove');
    owner.profile.unblock(FRIEND);
    await removed;
    await friend.sendText(OWNER, 'heard again');
    await gateway.expectText('heard again');
    expect(gateway.upserts.list().some(({ message }) => message.message?.conversation === 'nobody hears this')).toBe(
      false,
    );
    bench.simulator.unlink(OWNER, 2);
  });

  it('hears of new disappearing settings made on the phone', async () => {
    const changed = eventOf(gateway, 'creds.update', ({ accountSettings }) => Boolean(accountSettings));
    owner.profile.setDisappearing(604_800);
    expect((await changed).accountSettings?.defaultDisappearingMode?.ephemeralExpiration).toBe(604_800);
  });

  it('sees who is online and when they were last, unless they hide it', async () => {
    const states = new Feed<{ index: number; state: string; lastSeen?: number }>(100);
    const listen = ({ id, presences }: BaileysEventMap['presence.update']): void => {
      const presence = presences[friendJid];
      if (id !== friendJid || !presence) return;
      const { lastKnownPresence: state, lastSeen } = presence;
      states.append((index) => ({ index, state, ...(lastSeen ? { lastSeen } : {}) }));
    };
    socket.ev.on('presence.update', listen);
    const next = (state: string, after: number) =>
      states.wait((one) => one.state === state, { after, timeoutMs: 5_000, what: state });
    await socket.presenceSubscribe(friendJid);
    await next('unavailable', 0);
    friend.setPresence('available');
    await next('available', 0);
    let after = states.lastIndex;
    friend.setPresence('unavailable');
    expect((await next('unavailable', after)).lastSeen).toBeGreaterThan(1_600_000_000);
    friend.profile.setPrivacy('last', 'none');
    after = states.lastIndex;
    friend.setPresence('available');
    friend.setPresence('unavailable');
    expect((await next('unavailable', after)).lastSeen).toBeUndefined();
    socket.ev.off('presence.update', listen);
  });

  it('gets no read receipts from who does not give them', async () => {
    friend.profile.setPrivacy('readreceipts', 'none');
    const hidden = await gateway.sendText(FRIEND, 'read in secret');
    friend.markRead(await friend.expectMessage('read in secret'));
    friend.profile.setPrivacy('readreceipts', 'all');
    const shown = await gateway.sendText(FRIEND, 'read openly');
    friend.markRead(await friend.expectMessage('read openly'));
    await gateway.expectStatus(shown, 4);
    expect(gateway.updates.list().some(({ id, status }) => id === hidden && status === 4)).toBe(false);
  });

  it('gives trusted contact tokens and shows those it was given', async () => {
    await friend.sendText(OWNER, 'hello again');
    await gateway.expectText('hello again');
    friend.profile.giveToken(OWNER);
    const key = `tctoken`;
    await bench.simulator.settle();
    const kept = await gateway.keys.get(key, [friendJid]);
    expect(kept[friendJid]?.token).toHaveLength(11);
    await gateway.sendText(FRIEND, 'with my token');
    await friend.expectMessage('with my token');
    const shown = bench.simulator.stanzaLog().findLast(({ tag, direction }) => tag === 'message' && direction === 'in');
    expect(shown?.content).toContain('tctoken');
    expect(friend.profile.hasTokenFrom(OWNER)).toBe(true);
  });

  describe('calls', () => {
    const calls = new Feed<{ index: number; call: WACallEvent }>(100);
    const heard = (status: string, id: string): Promise<WACallEvent> =>
      calls
        .wait(({ call }) => call.status === status && call.id === id, { timeoutMs: 5_000, what: `call ${status}` })
        .then(({ call }) => call);

    beforeAll(() => {
      socket.ev.on('call', (all) => {
        for (const call of all) calls.append((index) => ({ index, call }));
      });
    });

    it('ring and are rejected by a client', async () => {
      const id = friend.calls.ring(OWNER, { video: true });
      const offer = await heard('offer', id);
      expect(offer).toMatchObject({
        isVideo: true,
        isGroup: false,
        from: friendJid,
        callerPn: `${FRIEND}@s.whatsapp.net`,
      });
      await socket.rejectCall(id, offer.from);
      await friend.calls.expect('reject', { id });
      expect((await owner.calls.expect('terminate', { id })).reason).toBe('rejected_elsewhere');
      expect(friend.calls.stateOf(id)).toBe('rejected');
    });

    it('are accepted on the phone and end', async () => {
      const id = friend.calls.ring(OWNER);
      await heard('offer', id);
      await owner.calls.expect('offer', { id });
      owner.calls.accept(id);
      await heard('terminate', id);
      await friend.calls.expect('accept', { id });
      friend.calls.hangUp(id);
      await owner.calls.expect('terminate', { id });
      expect(friend.calls.stateOf(id)).toBe('ended');
    });

    it('of a group name the group, and those of strangers do not ring when only known people may call', async () => {
      const id = friend.calls.ringGroup('120363000000000001@g.us', [OWNER]);
      expect(await heard('offer', id)).toMatchObject({ isGroup: true, groupJid: '120363000000000001@g.us' });
      friend.calls.hangUp(id);
      await heard('terminate', id);
      await socket.updateCallPrivacy('known');
      const silent = stranger.calls.ring(OWNER);
      const ringing = friend.calls.ring(OWNER);
      await heard('offer', ringing);
      expect(calls.list().some(({ call }) => call.id === silent)).toBe(false);
      friend.calls.hangUp(ringing);
      stranger.calls.hangUp(silent);
      await socket.updateCallPrivacy('all');
    });

    it('have links', async () => {
      expect(await socket.createCallLink('video')).toHaveLength(22);
    });
  });

  it('rotates its signed prekey only with a right signature', async () => {
    await socket.rotateSignedPreKey();
    const { keyId, keyPair } = gateway.creds.signedPreKey;
    const companion = owner.account.companions[0]!;
    expect(companion.keys.signedPreKey).toMatchObject({ id: keyId, publicKey: Buffer.from(keyPair.public) });
    const forged = socket.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'encrypt' },
      content: [
        {
          tag: 'rotate',
          attrs: {},
          content: [
            {
              tag: 'skey',
              attrs: {},
              content: [
                { tag: 'id', attrs: {}, content: Buffer.from([0, 0, 9]) },
                { tag: 'value', attrs: {}, content: Buffer.alloc(32, 7) },
                { tag: 'signature', attrs: {}, content: Buffer.alloc(64, 7) },
              ],
            },
          ],
        },
      ],
    });
    await expect(forged).rejects.toThrow('not-acceptable');
    expect(companion.keys.signedPreKey.id).toBe(keyId);
  });
});

import type { GroupMetadata, WAMessage } from '@whiskeysockets/baileys';
import type { Person } from './people/person.js';
import { TestBench, type TestClient, textOf } from './test-client.js';

const OWNER = '6281200000001';
const OTHER_OWNER = '6281200000009';
const FRIEND = '6281300000002';
const AUNT = '6281300000003';
const STRANGER = '6281300000004';

const pn = (number: string): string => `${number}@s.whatsapp.net`;

interface ParticipantsUpdate {
  id: string;
  action: string;
  participants: { id: string; phoneNumber?: string }[];
}

describe('groups', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let friend: Person;
  let aunt: Person;

  beforeEach(async () => {
    await bench.start({ seed: 'groups' });
    friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    aunt = bench.simulator.person(AUNT, { name: 'Aunt' });
    bench.simulator.person(STRANGER, { name: 'Stranger' });
    gateway = await bench.linked(OWNER);
  });

  afterEach(() => bench.stop());

  const healthy = async (): Promise<void> => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  };

  const created = (...numbers: string[]): Promise<GroupMetadata> =>
    gateway.socket.groupCreate('Family', numbers.map(pn));

  const notices = (person: Person, jid: string): (string | undefined)[] =>
    (person.chats.open(jid)?.messages ?? []).filter(({ kind }) => kind === 'notice').map(({ text }) => text);

  it('are made by a client with people who are named by LID and number', async () => {
    const upsert = gateway.next<GroupMetadata>('groups.upsert', () => true);
    const group = await created(FRIEND, AUNT);
    expect(group).toMatchObject({ subject: 'Family', addressingMode: 'lid', size: 3 });
    expect(group.participants.map(({ phoneNumber, admin }) => [phoneNumber, admin])).toEqual([
      [pn(OWNER), 'superadmin'],
      [pn(FRIEND), null],
      [pn(AUNT), null],
    ]);
    expect((await upsert).id).toBe(group.id);
    expect(Object.keys(await gateway.socket.groupFetchAllParticipating())).toEqual([group.id]);
    await healthy();
    expect(friend.groups.list().map(({ subject }) => subject)).toEqual(['Family']);
    expect(friend.chats.list()).toMatchObject([{ id: group.id, kind: 'group', title: 'Family' }]);
    expect(notices(friend, group.id)).toEqual([`Owner ${OWNER} created the group`]);
  });

  it('carry messages both ways, with receipts of each member', async () => {
    const { id: jid } = await created(FRIEND, AUNT);
    // While Baileys holds a message back it writes receipts into it, and tells nothing of them.
    const told = gateway.next<{ messages: WAMessage[] }>('messages.upsert', ({ messages }) =>
      messages.some(({ key }) => key.fromMe),
    );
    const sent = await gateway.sendText(jid, 'hello all');
    const got = await friend.expectMessage('hello all');
    await told;
    expect(got).toMatchObject({ chat: jid, from: OWNER });
    await aunt.expectMessage('hello all');
    const readBy = gateway.next<{ receipt: { userJid: string; readTimestamp?: number } }>(
      'message-receipt.update',
      ({ receipt }) => Boolean(receipt.readTimestamp),
    );
    friend.markRead(got);
    expect((await readBy).receipt.userJid).toBe(`${friend.account.lid}@lid`);

    const id = await friend.sendText(jid, 'hello back');
    const { message } = await gateway.expectText('hello back');
    expect(message.key).toMatchObject({
      remoteJid: jid,
      participant: `${friend.account.lid}@lid`,
      participantAlt: pn(FRIEND),
      fromMe: false,
    });
    await aunt.expectMessage('hello back');
    await gateway.socket.readMessages([message.key]);
    await friend.expectReceipt(id, 'read');
    await friend.reply(got, 'quoting you');
    const quoting = await gateway.expectText('quoting you');
    expect(quoting.message.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(sent);
    await healthy();
    expect(friend.chats.message(jid, id)).toMatchObject({ ticks: 'delivered', readBy: [OWNER] });
    expect(bench.simulator.stats['phones.decrypt-failures'] ?? 0).toBe(0);
  });

  it('show the owner’s phone and other companions what one companion writes', async () => {
    const second = await bench.linked(OWNER);
    const { id: jid } = await created(FRIEND);
    const id = await gateway.sendText(jid, 'from the first');
    const { message } = await second.expectText('from the first');
    expect(message.key).toMatchObject({ remoteJid: jid, fromMe: true, id });
    const own = await bench.simulator.person(OWNER).expectMessage('from the first');
    expect(own).toMatchObject({ chat: jid, fromMe: true });
    await bench.simulator.person(OWNER).sendText(jid, 'from the phone');
    await gateway.expectText('from the phone');
    await second.expectText('from the phone');
    await friend.expectMessage('from the phone');
    await healthy();
  });

  it('work by number too', async () => {
    bench.simulator.groupAddressing = 'pn';
    const group = await created(FRIEND);
    expect(group.addressingMode).toBe('pn');
    expect(group.participants[1]).toMatchObject({ id: pn(FRIEND), lid: `${friend.account.lid}@lid` });
    await gateway.sendText(group.id, 'by number');
    await friend.expectMessage('by number');
    await friend.sendText(group.id, 'back');
    const { message } = await gateway.expectText('back');
    expect(message.key.participant).toBe(pn(FRIEND));
    await healthy();
  });

  it('let admins add, remove, promote and demote, and tell each result', async () => {
    const { id: jid } = await created(FRIEND);
    const update = gateway.next<ParticipantsUpdate>('group-participants.update', ({ action }) => action === 'add');
    const added = await gateway.socket.groupParticipantsUpdate(jid, [pn(AUNT), pn(FRIEND), pn('6289999999999')], 'add');
    expect(added.map(({ status }) => status)).toEqual(['200', '409', '404']);
    expect((await update).participants).toMatchObject([{ phoneNumber: pn(AUNT) }]);
    await gateway.sendText(jid, 'before');
    await aunt.expectMessage('before');

    const [promoted] = await gateway.socket.groupParticipantsUpdate(jid, [pn(FRIEND)], 'promote');
    expect(promoted?.status).toBe('200');
    friend.groups.setSubject(jid, 'Kin');
    expect((await gateway.socket.groupMetadata(jid)).subject).toBe('Kin');
    await gateway.socket.groupParticipantsUpdate(jid, [pn(FRIEND)], 'demote');
    expect(() => friend.groups.add(jid, STRANGER)).not.toThrow();
    expect(() => friend.groups.setAnnounce(jid, true)).toThrow('not-authorized');

    const removed = await gateway.socket.groupParticipantsUpdate(jid, [pn(AUNT), pn(AUNT)], 'remove');
    expect(removed.map(({ status }) => status)).toEqual(['200', '404']);
    const [again] = await gateway.socket.groupParticipantsUpdate(jid, [pn(STRANGER)], 'remove');
    expect(again?.status).toBe('200');
    await bench.simulator.settle();
    expect(notices(aunt, jid)).toContain(`Owner ${OWNER} removed you`);
    expect(aunt.chats.list()).toMatchObject([{ id: jid, readOnly: true }]);
    await expect(aunt.sendText(jid, 'still here?')).rejects.toThrow('403');
    await healthy();
  });

  it('refuse what is not allowed', async () => {
    const other = await bench.linked(OTHER_OWNER);
    const { id: jid } = await created(FRIEND);
    const refused = (act: Promise<unknown>, code: number) => expect(act).rejects.toMatchObject({ data: code });
    await refused(other.socket.groupMetadata(jid), 403);
    await refused(other.socket.groupUpdateSubject(jid, 'Mine'), 403);
    await refused(other.socket.groupMetadata('120363000000000000@g.us'), 404);
    await gateway.socket.groupParticipantsUpdate(jid, [pn(OTHER_OWNER)], 'add');
    await refused(other.socket.groupInviteCode(jid), 401);
    await refused(other.socket.groupParticipantsUpdate(jid, [pn(FRIEND)], 'remove'), 401);
    await refused(other.socket.groupSettingUpdate(jid, 'announcement'), 401);
    await other.socket.groupUpdateSubject(jid, 'Anybody may');
    await gateway.socket.groupSettingUpdate(jid, 'locked');
    await refused(other.socket.groupUpdateSubject(jid, 'Nobody may'), 401);
    await gateway.socket.groupSettingUpdate(jid, 'announcement');
    const id = await other.sendText(jid, 'not heard');
    expect(await other.expectAck(id)).toMatchObject({ error: '403' });
    expect((await gateway.socket.groupMetadata(jid)).announce).toBe(true);
    const [first] = await gateway.socket.groupParticipantsUpdate(jid, [pn(OTHER_OWNER)], 'promote');
    expect(first?.status).toBe('200');
    const [creator] = await other.socket.groupParticipantsUpdate(jid, [pn(OWNER)], 'remove');
    expect(creator?.status).toBe('406');
    await healthy();
  });

  it('change their settings and tell everybody', async () => {
    const { id: jid } = await created(FRIEND);
    const changed = <T>(wanted: (update: T) => boolean): Promise<T> => gateway.next<T>('groups.update', wanted);
    const subject = changed<{ subject?: string }>((one) => one.subject === 'Kin');
    await gateway.socket.groupUpdateSubject(jid, 'Kin');
    await subject;
    const described = changed<{ desc?: string }>((one) => one.desc === 'All of us');
    await gateway.socket.groupUpdateDescription(jid, 'All of us');
    await described;
    await gateway.socket.groupUpdateDescription(jid, 'Really all');
    expect((await gateway.socket.groupMetadata(jid)).desc).toBe('Really all');
    await gateway.socket.groupUpdateDescription(jid);
    expect((await gateway.socket.groupMetadata(jid)).desc).toBeUndefined();
    const restricted = changed<{ restrict?: boolean }>((one) => one.restrict === true);
    await gateway.socket.groupSettingUpdate(jid, 'locked');
    await restricted;
    await gateway.socket.groupSettingUpdate(jid, 'unlocked');
    const mode = changed<{ memberAddMode?: boolean }>((one) => one.memberAddMode === false);
    await gateway.socket.groupMemberAddMode(jid, 'admin_add');
    await mode;
    expect(() => friend.groups.add(jid, AUNT)).toThrow('not-authorized');
    const approval = changed<{ joinApprovalMode?: boolean }>((one) => one.joinApprovalMode === true);
    await gateway.socket.groupJoinApprovalMode(jid, 'on');
    await approval;
    await gateway.socket.groupToggleEphemeral(jid, 86_400);
    expect(await gateway.socket.groupMetadata(jid)).toMatchObject({
      subject: 'Kin',
      ephemeralDuration: 86_400,
      joinApprovalMode: true,
      memberAddMode: false,
    });
    const vanishing = await friend.sendText(jid, 'gone tomorrow');
    const { message } = await gateway.expectText('gone tomorrow');
    expect(message.message?.extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
    expect(friend.chats.message(jid, vanishing)?.expiresAt).toBeGreaterThan(0);
    await gateway.socket.groupToggleEphemeral(jid, 0);
    await bench.simulator.settle();
    expect(notices(friend, jid)).toEqual(
      expect.arrayContaining([
        `Owner ${OWNER} changed the subject to "Kin"`,
        `Owner ${OWNER} changed the description`,
        `Owner ${OWNER} deleted the description`,
        `Owner ${OWNER} let new messages vanish after 86400 seconds`,
        `Owner ${OWNER} let new messages stay`,
      ]),
    );
    await healthy();
  });

  it('are left, and handed over when the last admin goes', async () => {
    const { id: jid } = await created(FRIEND, AUNT);
    const left = gateway.next<ParticipantsUpdate>('group-participants.update', ({ action }) => action === 'remove');
    aunt.groups.leave(jid);
    expect((await left).participants).toMatchObject([{ phoneNumber: pn(AUNT) }]);
    const [back] = await gateway.socket.groupParticipantsUpdate(jid, [pn(AUNT)], 'add');
    expect(back?.status).toBe('408');
    await gateway.socket.groupLeave(jid);
    await expect(gateway.socket.groupMetadata(jid)).rejects.toMatchObject({ data: 403 });
    expect(friend.groups.info(jid).members).toEqual([{ number: FRIEND, name: 'Friend', role: 'admin' }]);
    await healthy();
  });

  it('are joined by link, which can be revoked', async () => {
    const { id: jid } = await created(FRIEND);
    const code = (await gateway.socket.groupInviteCode(jid)) ?? '';
    expect(await gateway.socket.groupGetInviteInfo(code)).toMatchObject({ id: jid, subject: 'Family', size: 2 });
    const joined = gateway.next<ParticipantsUpdate>('group-participants.update', ({ action }) => action === 'add');
    expect(aunt.groups.join(code)).toEqual({ jid, waits: false });
    expect((await joined).participants).toMatchObject([{ phoneNumber: pn(AUNT) }]);
    const fresh = await gateway.socket.groupRevokeInvite(jid);
    expect(fresh).not.toBe(code);
    const other = await bench.linked(OTHER_OWNER);
    await expect(other.socket.groupAcceptInvite(code)).rejects.toMatchObject({ data: 410 });
    await expect(other.socket.groupAcceptInvite('neverWasOne')).rejects.toMatchObject({ data: 406 });
    const upsert = other.next<GroupMetadata>('groups.upsert', () => true);
    expect(await other.socket.groupAcceptInvite(fresh ?? '')).toBe(jid);
    expect((await upsert).participants).toHaveLength(4);
    await healthy();
  });

  it('let newcomers wait for an admin', async () => {
    const { id: jid } = await created(FRIEND);
    await gateway.socket.groupJoinApprovalMode(jid, 'on');
    const code = (await gateway.socket.groupInviteCode(jid)) ?? '';
    const asked = gateway.next<{ action: string; participantPn?: string }>('group.join-request', () => true);
    expect(aunt.groups.join(code)).toEqual({ jid, waits: true });
    expect(await asked).toMatchObject({ action: 'created', participantPn: pn(AUNT) });
    const [request] = await gateway.socket.groupRequestParticipantsList(jid);
    expect(request).toMatchObject({ phone_number: pn(AUNT), request_method: 'InviteLink' });
    const [approved] = await gateway.socket.groupRequestParticipantsUpdate(jid, [request?.jid ?? ''], 'approve');
    expect(approved?.status).toBe('200');
    await gateway.sendText(jid, 'welcome');
    await aunt.expectMessage('welcome');

    const stranger = bench.simulator.person(STRANGER);
    stranger.groups.join(code);
    const rejected = gateway.next<{ action: string }>('group.join-request', ({ action }) => action === 'rejected');
    await gateway.socket.groupRequestParticipantsUpdate(jid, [pn(STRANGER)], 'reject');
    await rejected;
    expect(await gateway.socket.groupRequestParticipantsList(jid)).toEqual([]);
    stranger.groups.join(code);
    const revoked = gateway.next<{ action: string }>('group.join-request', ({ action }) => action === 'revoked');
    stranger.groups.cancelRequest(jid);
    await revoked;
    // Members who are no admins can only propose.
    expect(friend.groups.add(jid, STRANGER)).toEqual([{ number: STRANGER, code: 202 }]);
    const [proposed] = await gateway.socket.groupRequestParticipantsList(jid);
    expect(proposed).toMatchObject({ request_method: 'NonAdminAdd', requestor: `${friend.account.lid}@lid` });
    await gateway.socket.groupRequestParticipantsUpdate(jid, [pn(STRANGER)], 'reject');
    expect(stranger.groups.list()).toEqual([]);
    await healthy();
  });

  it('send an invitation to whom privacy keeps from being added', async () => {
    aunt.account.privacy.set('groupadd', 'none');
    const { id: jid } = await created(FRIEND);
    const [result] = await gateway.socket.groupParticipantsUpdate(jid, [pn(AUNT)], 'add');
    expect(result?.status).toBe('403');
    const [request] = (result?.content as { content?: { attrs: Record<string, string> }[] } | undefined)?.content ?? [];
    const { code = '', expiration = '' } = request?.attrs ?? {};
    // Not by `sendMessage`: for an invitation it fetches the picture of the group, and fails when there is none.
    const groupInviteMessage = {
      groupJid: jid,
      inviteCode: code,
      inviteExpiration: Number(expiration),
      caption: 'Come!',
    };
    await gateway.socket.relayMessage(pn(AUNT), { groupInviteMessage }, {});
    const invite = await aunt.expectMessage({ kind: 'invite' });
    expect(aunt.chats.message(OWNER, invite.id)?.invite).toMatchObject({ group: jid, code });
    expect(aunt.groups.acceptInvite(invite)).toBe(jid);
    expect((await gateway.socket.groupMetadata(jid)).size).toBe(3);

    // The other way: a person invites the account of a client.
    const other = await bench.linked(OTHER_OWNER);
    bench.simulator.person(OTHER_OWNER).account.privacy.set('groupadd', 'none');
    const { group, results } = friend.groups.create('Friends', [OTHER_OWNER]);
    expect(results).toMatchObject([{ number: OTHER_OWNER, code: 403 }]);
    const { invite: good } = results[0] ?? {};
    await friend.cards.groupInvite(OTHER_OWNER, { group: group.jid, ...(good ?? { code: '', expiresAt: 0 }) });
    const { message } = await other.expectMessage((one) => Boolean(one.message?.groupInviteMessage));
    const content = message.message?.groupInviteMessage;
    if (!content) throw new Error('no invitation');
    expect(await other.socket.groupAcceptInviteV4(message.key, content)).toBe(group.jid);
    expect(friend.groups.info(group.jid).members).toHaveLength(2);
    const [second] = friend.groups.add(group.jid, AUNT);
    expect(second?.code).toBe(403);
    friend.groups.revokeInvites(group.jid, AUNT);
    await gateway.socket.groupRevokeInviteV4(jid, pn(STRANGER));
    await healthy();
  });

  it('ask again for what a member could not read', async () => {
    const { id: jid } = await created(FRIEND, AUNT);
    bench.simulator.faults(OWNER).corruptNextMessages(1);
    const id = await friend.sendText(jid, 'damaged on the way');
    await friend.expectReceipt(id, 'retry');
    const { message } = await gateway.expectText('damaged on the way');
    expect(message.key.id).toBe(id);
    friend.phone.signal.forgetSessions();
    await gateway.sendText(jid, 'still readable');
    await friend.expectMessage('still readable');
    friend.phone.signal.forgetRoomKeys();
    const unread = await gateway.sendText(jid, 'no key for this');
    expect((await friend.expectMessage('no key for this')).id).toBe(unread);
    await healthy();
    expect(aunt.inbox().filter(({ text }) => text === 'damaged on the way')).toHaveLength(1);
  });

  it('change the key of a person’s messages when somebody leaves, and show newcomers nothing of before', async () => {
    const { id: jid } = await created(FRIEND, AUNT);
    const second = await bench.linked(OTHER_OWNER);
    await friend.sendText(jid, 'first');
    await gateway.expectText('first');
    await aunt.expectMessage('first');
    const before = bench.simulator.stanzaLog().at(-1)?.sequence ?? 0;
    await gateway.socket.groupParticipantsUpdate(jid, [pn(AUNT)], 'remove');
    await bench.simulator.settle();
    await friend.sendText(jid, 'without aunt');
    await gateway.expectText('without aunt');
    const [fresh] = bench.simulator
      .stanzaLog(before)
      .filter(({ tag, direction, attrs }) => tag === 'message' && direction === 'out' && attrs.from === jid);
    // The key comes with it: the old one is no longer used.
    expect(fresh?.content.filter((tag) => tag === 'enc')).toHaveLength(2);
    await gateway.socket.groupParticipantsUpdate(jid, [pn(OTHER_OWNER)], 'add');
    await bench.simulator.settle();
    await friend.sendText(jid, 'with another');
    await second.expectText('with another');
    await healthy();
    expect(aunt.inbox().map(({ text }) => text)).toEqual(['first']);
    const texts = second.upserts.list().map(({ message }) => textOf(message));
    expect(texts.filter(Boolean)).toEqual(['with another']);
  });

  it('show their members who is typing', async () => {
    const { id: jid } = await created(FRIEND, AUNT);
    const seen = gateway.next<{ id: string; presences: Record<string, { lastKnownPresence: string }> }>(
      'presence.update',
    );
    friend.typing(jid, 'recording');
    expect(await seen).toEqual({
      id: jid,
      presences: { [`${friend.account.lid}@lid`]: { lastKnownPresence: 'recording' } },
    });
    await gateway.socket.sendPresenceUpdate('composing', jid);
    expect(await friend.expectTyping(OWNER)).toMatchObject({ chat: jid, state: 'composing' });
    await healthy();
  });

  it('have a picture, which members see and change', async () => {
    const { id: jid } = await created(FRIEND);
    await expect(gateway.socket.profilePictureUrl(jid, 'image')).rejects.toMatchObject({ data: 404 });
    const changed = gateway.next<{ id?: string; imgUrl?: string | null }>('contacts.update', ({ id }) => id === jid);
    friend.groups.setPicture(jid, Buffer.from('a picture'));
    expect((await changed).imgUrl).toBe('changed');
    expect(await gateway.socket.profilePictureUrl(jid, 'image')).toContain('https://');
    await gateway.socket.groupSettingUpdate(jid, 'locked');
    expect(() => friend.groups.setPicture(jid)).toThrow('not-authorized');
    await gateway.socket.removeProfilePicture(jid);
    await bench.simulator.settle();
    expect(notices(friend, jid)).toEqual(
      expect.arrayContaining(["You changed the group's picture", `Owner ${OWNER} deleted the group's picture`]),
    );
    await healthy();
  });

  it('are in the history of a companion that is linked later, as they are now', async () => {
    const { id: jid } = await created(FRIEND);
    const id = await friend.sendText(jid, 'misspelled');
    await friend.messages.edit(jid, id, 'well spelled');
    await gateway.sendText(jid, 'my own');
    await bench.simulator.settle();
    const late = bench.client();
    late.start();
    const { text } = await late.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    const opened = late.opens.wait(() => true, { timeoutMs: 20_000, what: 'open connection' });
    await bench.simulator.scanQr(text, OWNER);
    await opened;
    interface History {
      chats: { id?: string; name?: string }[];
      messages: WAMessage[];
    }
    // Baileys gathers what comes in the first seconds after a login.
    const hasGroup = ({ chats }: History): boolean => chats.some((one) => one.id === jid);
    const history = await late.next<History>('messaging-history.set', hasGroup, 25_000);
    expect(history.chats.find((one) => one.id === jid)).toMatchObject({ name: 'Family' });
    const ofGroup = history.messages.filter(({ key }) => key.remoteJid === jid);
    expect(ofGroup.map((message) => [textOf(message), message.key.fromMe, message.key.participant])).toEqual([
      ['my own', true, `${bench.simulator.person(OWNER).account.lid}@lid`],
      ['well spelled', false, `${friend.account.lid}@lid`],
    ]);
    await healthy();
  }, 60_000);

  it('tell a sender that has missed a change', async () => {
    const { id: jid } = await created(FRIEND);
    const ack = new Promise<Record<string, string>>((resolve) => {
      gateway.socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) => resolve(attrs));
    });
    const attributes = { phash: '2:wrong0' };
    await gateway.socket.relayMessage(jid, { conversation: 'hashed' }, { additionalAttributes: attributes });
    expect((await ack).phash).toMatch(/^2:/);
    await friend.expectMessage('hashed');
    await healthy();
  });
});

describe('a group of 256', () => {
  const bench = new TestBench();
  beforeAll(() => bench.start({ seed: 'large' }));
  afterAll(() => bench.stop());

  it('takes a client’s message to all and brings every receipt back', async () => {
    const gateway = await bench.linked(OWNER);
    const numbers = Array.from({ length: 253 }, (_, n) => `62814${String(n).padStart(7, '0')}`);
    const sinks = numbers.map((number) => bench.simulator.sink(number));
    const readers = [FRIEND, AUNT].map((number) => bench.simulator.person(number));
    const group = await gateway.socket.groupCreate('Large', [...numbers, FRIEND, AUNT].map(pn));
    expect(group.size).toBe(256);
    const confirmed = new Set<string>();
    gateway.socket.ev.on('message-receipt.update', (updates) => {
      for (const { receipt } of updates) confirmed.add(receipt.userJid ?? '');
    });
    // What comes before the library has told of the message itself is told with it.
    gateway.socket.ev.on('messages.upsert', ({ messages }) => {
      for (const receipt of messages.flatMap(({ userReceipt }) => userReceipt ?? []))
        confirmed.add(receipt.userJid ?? '');
    });
    await gateway.sendText(group.id, 'to all');
    for (const reader of readers) await reader.expectMessage('to all', { timeoutMs: 60_000 });
    await bench.simulator.settle({ timeoutMs: 60_000 });
    expect(sinks.every(({ count }) => count === 1)).toBe(true);
    // The library tells of receipts in bundles, a little after they came.
    await bench.until(() => confirmed.size === 255);
    await readers[0]?.sendText(group.id, 'and back');
    await gateway.expectText('and back', { timeoutMs: 60_000 });
    await bench.simulator.settle({ timeoutMs: 60_000 });
    bench.simulator.assertHealthy();
  }, 120_000);
});

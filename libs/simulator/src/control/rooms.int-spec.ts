import { Simulator } from '../simulator.js';
import { SimulatorClient } from './client/simulator-client.js';

const ANA = '6281300000002';
const BEN = '6281300000003';
const CLEO = '6281300000004';

interface Group {
  jid: string;
  subject: string;
  announce: boolean;
  members: { number: string; role: string }[];
}

describe('groups, newsletters and the status over HTTP', () => {
  let simulator: Simulator;
  let remote: SimulatorClient;

  beforeAll(async () => {
    simulator = await Simulator.start({ seed: 'rooms' });
    remote = new SimulatorClient(simulator.controlUrl);
    for (const number of [ANA, BEN, CLEO]) await remote.person(number, { name: number });
  });

  afterAll(() => simulator.stop());

  const person = (number: string) => simulator.person(number);

  it('a group is made, changed, written in and left', async () => {
    const { group, results } = await remote.call<{ group: Group; results: object[] }>('POST', `/people/${ANA}/groups`, {
      subject: 'Family',
      numbers: [BEN],
    });
    expect(results).toEqual([{ number: BEN, code: 200 }]);
    const path = (number: string): string => `/people/${number}/groups/${group.jid}`;
    await remote.call('POST', `/people/${ANA}/messages`, { to: group.jid, text: 'hello' });
    await person(BEN).expectMessage('hello');
    const changed = await remote.call<Group>('PUT', path(ANA), { subject: 'Kin', announce: true });
    expect(changed).toMatchObject({ subject: 'Kin', announce: true });
    await expect(remote.call('PUT', path(BEN), { announce: false })).rejects.toMatchObject({
      status: 409,
      message: 'only an admin of the group may do that (the network answers 401)',
    });
    await expect(remote.call('POST', `/people/${BEN}/messages`, { to: group.jid, text: 'me' })).rejects.toThrow('403');
    await expect(remote.call('GET', path(CLEO))).rejects.toMatchObject({ status: 409 });
    const done = await remote.call('POST', `${path(ANA)}/people`, { action: 'add', numbers: [CLEO, BEN] });
    expect(done).toEqual([
      { number: CLEO, code: 200 },
      { number: BEN, code: 409 },
    ]);
    const { code } = await remote.call<{ code: string }>('GET', `${path(ANA)}/invite`);
    await remote.call('DELETE', path(CLEO));
    expect(await remote.call('POST', `/people/${CLEO}/groups/join`, { code })).toEqual({
      jid: group.jid,
      waits: false,
    });
    expect(await remote.call<Group[]>('GET', `/people/${CLEO}/groups`)).toMatchObject([{ subject: 'Kin' }]);
  });

  it('a community holds groups', async () => {
    const village = await remote.call<Group>('POST', `/people/${ANA}/communities`, {
      subject: 'Village',
      numbers: [BEN],
    });
    const path = `/people/${ANA}/communities/${village.jid}`;
    const choir = await remote.call<Group>('POST', `${path}/groups`, { subject: 'Choir' });
    expect((await remote.call<Group[]>('GET', `${path}/groups`)).map(({ subject }) => subject)).toEqual([
      'Village',
      'Choir',
    ]);
    const joined = `/people/${BEN}/communities/${village.jid}/groups/${choir.jid}`;
    expect(await remote.call('PUT', joined, { action: 'join' })).toEqual({ waits: false });
    await remote.call('DELETE', path);
    expect(await remote.call<Group[]>('GET', `/people/${BEN}/groups`)).toEqual(
      expect.arrayContaining([expect.objectContaining({ subject: 'Choir' })]),
    );
  });

  it('a newsletter is followed and written', async () => {
    const { jid } = await remote.call<{ jid: string }>('POST', `/people/${ANA}/newsletters`, { name: 'News' });
    await remote.call('PUT', `/people/${BEN}/newsletters/${jid}/following`, { following: true, muted: true });
    await remote.call('POST', `/people/${ANA}/newsletters/${jid}/posts`, { text: 'extra' });
    await person(BEN).expectMessage('extra');
    await remote.call('POST', `/people/${BEN}/newsletters/${jid}/posts/1`, { emoji: '❤️' });
    expect(await remote.call('GET', `/people/${BEN}/newsletters/${jid}`)).toMatchObject({
      role: 'subscriber',
      muted: true,
      messages: [{ text: 'extra', views: 1, reactions: [{ code: '❤️', count: 1 }] }],
    });
    await expect(remote.call('DELETE', `/people/${BEN}/newsletters/${jid}`)).rejects.toMatchObject({ status: 409 });
    await remote.call('DELETE', `/people/${ANA}/newsletters/${jid}`);
    expect(await remote.call('GET', `/people/${BEN}/newsletters`)).toEqual([]);
  });

  it('a status is posted to an audience and looked at', async () => {
    const audience = await remote.call('PUT', `/people/${ANA}/status/audience`, { mode: 'only', numbers: [BEN] });
    expect(audience).toEqual({ audience: [BEN] });
    const { id } = await remote.call<{ id: string }>('POST', `/people/${ANA}/status`, { text: 'sunny' });
    await person(BEN).expectMessage('sunny');
    await remote.call('POST', `/people/${BEN}/status/${id}/view`, {});
    await person(ANA).expectReceipt(id, 'read');
    expect(await remote.call('GET', `/people/${ANA}/status`)).toMatchObject({
      others: [],
      own: [{ id, readBy: [BEN] }],
    });
    await remote.call('DELETE', `/people/${ANA}/status/${id}`);
    await person(BEN).expectMessage({ kind: 'revoke' });
    expect(await remote.call('GET', `/people/${BEN}/status`)).toEqual({ others: [], own: [] });
  });

  it('further messages are sent, chosen from, forwarded and marked', async () => {
    const chat = `/people/${ANA}/chats/${BEN}`;
    await remote.call('POST', `${chat}/locations`, { latitude: 1, longitude: 2, name: 'Here' });
    await remote.call('POST', `${chat}/contacts`, { contacts: [{ name: 'Cleo', number: CLEO }] });
    await remote.call('POST', `${chat}/files`, { kind: 'voice', file: Buffer.from('voice').toString('base64') });
    await remote.call('POST', `${chat}/events`, { name: 'Picnic', startsAt: 1_798_761_600_000 });
    const choices = [{ id: 'y', text: 'Yes' }];
    const { id } = await remote.call<{ id: string }>('POST', `${chat}/choices`, {
      kind: 'list',
      text: 'Come?',
      choices,
    });
    await person(BEN).expectMessage({ id });
    const shown = person(BEN).chats.open(ANA)?.messages ?? [];
    expect(shown.map(({ kind }) => kind).slice(-5)).toEqual(['location', 'contact', 'audio', 'event', 'list']);
    const list = `/people/${BEN}/chats/${ANA}/messages/${shown.at(-1)?.index}`;
    await remote.call('POST', `${list}/choice`, { id: 'y' });
    await person(ANA).expectMessage({ kind: 'choice', text: 'Yes' });
    await remote.call('PUT', `${list}/mark`, { mark: 'pin' });
    await remote.call('POST', `${list}/forward`, { to: CLEO });
    await person(CLEO).expectMessage({ kind: 'list' });
    expect(person(BEN).chats.open(ANA)?.pinned).toEqual([id]);
    await remote.call('PUT', `${chat}/disappearing`, { seconds: 60 });
    await person(BEN).expectMessage({ kind: 'disappearing' });
    await simulator.settle();
    simulator.assertHealthy();
  });
});

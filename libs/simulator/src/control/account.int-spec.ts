import { TestBench, type TestClient } from '../test-client.js';
import { eventOf, synced } from '../test-events.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('accounts over HTTP', () => {
  const bench = new TestBench();
  let gateway: TestClient;

  beforeAll(async () => {
    await bench.start();
    bench.simulator.person(FRIEND, { name: 'Friend' });
    gateway = await synced(await bench.linked(OWNER));
  });

  afterAll(() => bench.stop());

  async function ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, never> }> {
    const response = await fetch(`${bench.simulator.controlUrl}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  }

  it('changes settings on the phone and sees those of clients', async () => {
    const archived = eventOf(gateway, 'chats.update', ([one]) => one?.archived === true);
    expect((await ask('PUT', `/people/${OWNER}/settings/archive`, { chat: FRIEND })).status).toBe(200);
    await archived;
    const waiting = ask('POST', `/people/${OWNER}/expect-setting`, { kind: 'pin_v1', after: 0, timeoutMs: 5_000 });
    await gateway.socket.chatModify({ pin: true }, bench.simulator.person(FRIEND).account.address('lid'));
    expect((await waiting).body).toMatchObject({ kind: 'pin_v1' });
    expect((await ask('GET', `/people/${OWNER}/settings/chats/${FRIEND}`)).body).toMatchObject({
      archived: true,
      pinned: true,
    });
    await ask('PUT', `/people/${OWNER}/settings/contacts`, { contacts: [{ number: FRIEND, name: 'Ana' }] });
    await ask('PUT', `/people/${OWNER}/settings/labels`, { id: '3', name: 'Paid' });
    expect((await ask('GET', `/people/${OWNER}/settings`)).body).toMatchObject({
      contacts: [{ number: FRIEND, name: 'Ana' }],
      labels: [{ id: '3', name: 'Paid' }],
    });
    expect((await ask('PUT', `/people/${OWNER}/settings/archive`, { chat: '62819' })).status).toBe(409);
    expect((await ask('PUT', '/people/62819/settings/archive', { chat: FRIEND })).status).toBe(404);
  });

  it('changes profile, privacy and block list', async () => {
    await ask('PUT', `/people/${FRIEND}/profile`, { about: 'Over HTTP' });
    const jid = bench.simulator.person(FRIEND).account.address('lid');
    expect(await gateway.socket.fetchStatus(jid)).toMatchObject([{ status: { status: 'Over HTTP' } }]);
    expect((await ask('PUT', `/people/${FRIEND}/picture`, {})).body).toHaveProperty('id');
    await ask('PUT', `/people/${FRIEND}/privacy`, { setting: 'profile', value: 'none' });
    await expect(gateway.socket.profilePictureUrl(jid)).rejects.toThrow('not-authorized');
    expect((await ask('PUT', `/people/${FRIEND}/privacy`, { setting: 'profile', value: 'some' })).status).toBe(409);
    await ask('PUT', `/people/${FRIEND}/blocked/${OWNER}`);
    expect((await ask('GET', `/people/${FRIEND}/privacy`)).body).toMatchObject({ blocked: [OWNER] });
    await ask('DELETE', `/people/${FRIEND}/blocked/${OWNER}`);
    await ask('PUT', `/people/${FRIEND}/business`, { profile: { description: 'A shop' } });
    expect((await gateway.socket.getBusinessProfile(jid))?.description).toBe('A shop');
  });

  it('calls, makes a past, and changes phone and number', async () => {
    const heard = eventOf(gateway, 'call');
    const { body } = await ask('POST', `/people/${FRIEND}/calls`, { to: OWNER });
    await heard;
    expect((await ask('POST', `/people/${OWNER}/calls/${body.id}/reject`)).body).toMatchObject({ state: 'rejected' });
    expect((await ask('POST', `/people/${OWNER}/calls/none/reject`)).status).toBe(404);
    await ask('POST', `/people/${OWNER}/history`, { with: ['6281300000077'], messages: 30, seed: 'demo' });
    const [chat] = bench.simulator.person(OWNER).history.archive.chats();
    expect(chat?.messages).toHaveLength(30);
    expect((await ask('POST', `/people/${FRIEND}/reinstall`)).status).toBe(200);
    expect((await ask('PUT', `/people/${FRIEND}/number`, { number: '6281300000088' })).body).toMatchObject({
      number: '6281300000088',
    });
    expect((await ask('PUT', '/people/6281300000088/number', { number: OWNER })).status).toBe(409);
    expect((await ask('POST', `/people/${OWNER}/files/expire`, { id: 'none' })).status).toBe(409);
    await ask('PUT', `/people/${OWNER}/files/answer`, { answer: 'silence' });
    expect(bench.simulator.person(OWNER).files.answer).toBe('silence');
  });
});

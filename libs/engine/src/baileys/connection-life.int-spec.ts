import { Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../chat-address.js';
import { EngineError } from '../engine.js';
import type { SocketSession } from './socket-session.js';
import { engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe("the connection's life", () => {
  let simulator: Simulator;
  let lastNumber = 15_550_003_000;
  const open: TestProfile[] = [];

  const newProfile = () => {
    lastNumber += 1;
    const profile = new TestProfile(engineFor(simulator), simulator, String(lastNumber));
    open.push(profile);
    return profile;
  };
  const firstQr = async (profile: TestProfile) => {
    profile.connection.connect();
    await until(() => profile.qrs.length > 0, { what: 'a QR code' });
    return profile.qrs[0]!;
  };

  beforeAll(async () => {
    simulator = await Simulator.start();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.connection.close()));
  });
  afterAll(() => simulator.stop());

  it('shows a QR code with its expiry, links, and is connected as somebody', async () => {
    const profile = newProfile();
    const qr = await firstQr(profile);
    expect(qr.attempt).toBe(1);
    expect(qr.text).toContain('linked_devices');
    expect(qr.expiresAt.getTime() - Date.now()).toBeGreaterThan(50_000);
    expect(profile.store.commits).toEqual([]);
    await simulator.scanQr(qr.text, profile.number, { name: 'The Shop' });
    await profile.reached('connected');
    expect(profile.codes).toEqual(['connecting', 'waiting_for_scan', 'pairing_accepted', 'connected']);
    await until(() => profile.changes.at(-1)?.self?.pushName === 'The Shop', { what: 'the name of the account' });
    expect(profile.changes.at(-1)).toEqual({
      code: 'connected',
      self: { address: { phone: profile.number, lid: expect.stringMatching(/^\d+$/) }, pushName: 'The Shop' },
    });
    expect(profile.connection.health).toMatchObject({ isOpen: true, reconnects: 0, decryptFailures: 0 });
  });

  it('links by pairing code', async () => {
    const profile = newProfile();
    await firstQr(profile);
    const code = await profile.connection.requestPairingCode(`+${profile.number}`);
    expect(code).toMatch(/^[0-9A-Z]{8}$/);
    expect(profile.codes.at(-1)).toBe('waiting_for_code');
    await simulator.enterPairingCode(profile.number, code);
    await profile.reached('connected');
  });

  it('a wrong pairing code does not link, and the right one can still be entered', async () => {
    const profile = newProfile();
    await firstQr(profile);
    const code = await profile.connection.requestPairingCode(profile.number);
    await expect(simulator.enterPairingCode(profile.number, 'AAAAAAAA')).rejects.toThrow('wrong pairing code');
    expect(profile.connection.health.isOpen).toBe(false);
    await simulator.enterPairingCode(profile.number, code);
    await profile.reached('connected');
  });

  it('a pairing code needs an unlinked profile that is pairing, and a phone number', async () => {
    const profile = newProfile();
    await expect(profile.connection.requestPairingCode(profile.number)).rejects.toMatchObject({ code: 'not_pairing' });
    await firstQr(profile);
    await expect(profile.connection.requestPairingCode('12')).rejects.toMatchObject({ code: 'invalid_phone' });
  });

  it('an attempt to pair that was cut off begins anew, as an unlinked device', async () => {
    const profile = newProfile();
    await firstQr(profile);
    await profile.connection.requestPairingCode(profile.number);
    await profile.connection.close();
    expect(profile.store.credentials).toBeNull();
    profile.reopen();
    await profile.connect();
  });

  it.each([503, 428, 500])('comes back by itself after the server closed with %i', async (code) => {
    const profile = await newProfile().connect();
    simulator.faults(profile.number).closeWith(code);
    await profile.reached('connection_lost');
    await until(() => profile.codes.at(-1) === 'connected', { what: 'the reconnect' });
    expect(profile.connection.health.reconnects).toBe(1);
  });

  it('comes back at once when the server asks for a new connection', async () => {
    const profile = await newProfile().connect();
    simulator.faults(profile.number).closeWith(515);
    await until(() => profile.codes.slice(-2).join() === 'server_restarted,connected', { withinMs: 3_000 });
  });

  it('comes back after the network was cut, and messages go on', async () => {
    const profile = await newProfile().connect();
    const contact = simulator.person('15550004001');
    simulator.faults(profile.number).cut();
    await profile.reached('connection_lost');
    await contact.sendText(profile.number, 'sent meanwhile');
    await profile.received('sent meanwhile');
  });

  it('reports a conflict and does not fight for the connection', async () => {
    const profile = await newProfile().connect();
    simulator.faults(profile.number).closeWith(440);
    await profile.reached('conflict');
    expect(profile.connection.health.isOpen).toBe(false);
    await profile.connection.close();
    expect(profile.codes.at(-1)).toBe('conflict');
  });

  it('the phone ends the link: no retry, credentials stay, and the next connect is a new link', async () => {
    const profile = newProfile();
    const { text } = await firstQr(profile);
    const { device } = await simulator.scanQr(text, profile.number);
    await profile.reached('connected');
    simulator.unlink(profile.number, device);
    await profile.reached('logged_out_from_phone');
    expect(profile.store.credentials).not.toBeNull();
    profile.connection.connect();
    await until(() => profile.qrs.length > 1, { what: 'a QR code for the new link' });
    expect(profile.store.credentials).toBeNull();
    await simulator.scanQr(profile.qrs.at(-1)!.text, profile.number);
    await until(() => profile.codes.at(-1) === 'connected');
  });

  it('the same after a restart of the process', async () => {
    const profile = newProfile();
    const { text } = await firstQr(profile);
    const { device } = await simulator.scanQr(text, profile.number);
    await profile.reached('connected');
    await profile.connection.close();
    simulator.unlink(profile.number, device);
    profile.reopen().connect();
    await profile.reached('logged_out_from_phone');
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
  });

  it('logout takes the device off the phone and leaves nothing in the store', async () => {
    const profile = await newProfile().connect();
    const { devices } = simulator.person(profile.number).account;
    expect(devices.size).toBe(2);
    await profile.connection.logout();
    expect(devices.size).toBe(1);
    expect(profile.codes.at(-1)).toBe('logged_out_by_user');
    expect([profile.store.credentials, profile.store.keys.size]).toEqual([null, 0]);
  });

  it('a logout that WhatsApp did not confirm fails, keeps the link and connects again', async () => {
    const profile = await newProfile().connect();
    simulator.faults(profile.number).stall();
    const outcome = profile.connection.logout().catch((error) => error);
    simulator.faults(profile.number).cut();
    expect(await outcome).toMatchObject({ code: 'logout_failed', facts: { retryable: true, outcome: 'unknown' } });
    simulator.faults(profile.number).clear();
    const connects = () => profile.codes.filter((code) => code === 'connected').length;
    await until(() => connects() === 2 && profile.connection.health.isOpen);
    expect(profile.codes).not.toContain('logged_out_by_user');
    await profile.connection.logout();
    expect(profile.store.credentials).toBeNull();
  });

  it('a handler of the library that fails does not end the process', async () => {
    const profile = await newProfile().connect();
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    const { session } = profile.connection as unknown as { session: SocketSession };
    session.end('closed under its handlers');
    // Answers the server, on a socket that is closed.
    session.sock.ws.emit('CB:ib,,offline_preview', { tag: 'ib', attrs: {} });
    await until(() => profile.codes.at(-1) === 'connected');
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  it('logout of a profile that is not connected is refused: the phone would keep the device', async () => {
    const profile = await newProfile().connect();
    await profile.connection.close();
    await expect(profile.reopen().logout()).rejects.toMatchObject({ code: 'not_connected' });
    expect(profile.store.credentials).not.toBeNull();
  });

  it('damaged credentials are reported and never overwritten', async () => {
    const profile = newProfile();
    profile.store.credentials = Buffer.from('not ours');
    profile.connection.connect();
    await profile.reached('credentials_unreadable');
    expect(profile.store.credentials).toEqual(Buffer.from('not ours'));
    expect(profile.qrs).toEqual([]);
  });

  it('close stops for good, twice as well, and keeps the link', async () => {
    const profile = await newProfile().connect();
    await Promise.all([profile.connection.close(), profile.connection.close()]);
    const commits = profile.store.commits.length;
    expect(profile.connection.health.isOpen).toBe(false);
    const failure = profile.connection
      .send(
        userChat({ phone: '15550004001', lid: null }),
        { content: { kind: 'text', text: 'x' } },
        { waMessageId: messageId() },
      )
      .catch((error) => error);
    expect(await failure).toBeInstanceOf(EngineError);
    expect(await failure).toMatchObject({ code: 'not_connected', facts: { retryable: true, outcome: 'not_sent' } });
    expect(profile.store.commits.length).toBe(commits);
    profile.connection.connect();
    profile.reopen();
    await profile.connect();
    expect(profile.qrs).toHaveLength(1);
  });

  it('close while pairing and before anything began', async () => {
    const profile = newProfile();
    await profile.connection.close();
    profile.reopen();
    await firstQr(profile);
    await profile.connection.close();
    expect(profile.store.commits).toEqual([]);
  });

  it('a store that is not there at the start is waited for', async () => {
    const profile = newProfile();
    let failures = 3;
    profile.store.before = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the database starts');
    };
    await profile.connect();
  });
});

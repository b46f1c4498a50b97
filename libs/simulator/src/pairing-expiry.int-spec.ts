import { TestBench, type TestClient } from './test-client.js';
import { DrivenClock } from './time/clock.js';

const OWNER = '6281200000001';

describe('codes for linking', () => {
  const bench = new TestBench();
  let clock: DrivenClock;
  let gateway: TestClient;

  beforeEach(async () => {
    clock = new DrivenClock(Date.now());
    await bench.start({ clock });
    // The client shows its first code for ever: what ends here is what the network ends.
    gateway = bench.client({ qrTimeout: 3_600_000 });
    gateway.start();
  });

  afterEach(() => bench.stop());

  const qr = async (after = 0) => gateway.qrs.wait(() => true, { after, timeoutMs: 10_000, what: 'QR code' });

  it('are no good after their time, and the phone says so', async () => {
    const { text } = await qr();
    await clock.advance(70_000);
    await expect(bench.simulator.scanQr(text, OWNER)).rejects.toThrow('has expired');
  });

  it('are replaced when they are used up, and the connection ends after the last', async () => {
    const first = await qr();
    await clock.advance(170_000);
    const second = await qr(first.index);
    expect(second.text).not.toBe(first.text);
    const linked = bench.simulator.scanQr(second.text, OWNER);
    expect(await linked).toEqual({ number: OWNER, device: 1 });
  });

  it('end with the connection when nobody scans any', async () => {
    await qr();
    await clock.advance(400_000);
    expect((await gateway.expectEnd()).code).toBe(408);
  });

  it('that are typed expire too', async () => {
    await qr();
    const code = await gateway.socket.requestPairingCode(OWNER);
    await expect(bench.simulator.enterPairingCode(OWNER, 'WRONG123')).rejects.toThrow('wrong pairing code');
    await clock.advance(200_000);
    await expect(bench.simulator.enterPairingCode(OWNER, code)).rejects.toThrow('has expired');
  });
});

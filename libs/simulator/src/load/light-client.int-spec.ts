import { Simulator } from '../simulator.js';
import { wallClock } from '../time/clock.js';
import { LightClient } from './light-client.js';

const OWNER = '6281200000001';

describe('light clients', () => {
  let simulator: Simulator;

  beforeAll(async () => {
    simulator = await Simulator.start();
  });

  afterAll(() => simulator.stop());

  it('pair, log in, send, and confirm what they get', async () => {
    const credentials = await LightClient.pair(simulator.url, (qr) => simulator.scanQr(qr, OWNER));
    expect(credentials).toMatchObject({ number: OWNER, device: 1 });
    const acked: string[] = [];
    const delivered: string[] = [];
    const client = await LightClient.login(simulator.url, credentials, {
      onAck: ({ attrs }) => void (attrs.class === 'message' && acked.push(attrs.id ?? '')),
      onReceipt: ({ attrs }) => delivered.push(attrs.id ?? ''),
    });
    const sink = simulator.sink('6281300000002');
    const ids = [1, 2, 3].map(() => client.device.send(`${sink.number}@s.whatsapp.net`));
    while (delivered.length < 3) await wallClock.sleep(5);
    expect(acked).toEqual(ids);
    expect(delivered).toEqual(ids);
    expect(sink.received.list().map(({ id }) => id)).toEqual(ids);
    await simulator.person('6281300000003').sendText(OWNER, 'confirmed, not read');
    await simulator.settle();
    simulator.assertHealthy();
    client.close();
  });
});

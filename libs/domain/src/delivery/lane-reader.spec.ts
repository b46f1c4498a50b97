import type { WebhookId } from '#contracts';
import type { Database } from '#database';
import { LaneReader } from './lane-reader.js';
import type { WebhookBodies } from './webhook-bodies.js';

const shop = 'shop' as WebhookId;

describe('endpoints of webhooks', () => {
  let answers: ((rows: unknown[]) => void)[];
  let reader: LaneReader;

  beforeEach(() => {
    answers = [];
    const query = () => new Promise((answer) => answers.push(answer));
    reader = new LaneReader({ db: { query } as unknown as Database, bodies: {} as WebhookBodies });
  });

  const ask = (endpointVersion: string) => reader.endpointsOf([{ webhookId: shop, endpointVersion }]);
  const answer = (version: string) => answers.shift()!([{ webhookId: shop, version }]);

  it('are read once and again when they changed', async () => {
    const first = ask('1');
    answer('1');
    expect((await first).get(shop)).toMatchObject({ version: '1' });
    expect((await ask('1')).get(shop)).toMatchObject({ version: '1' });
    const changed = ask('2');
    answer('2');
    expect((await changed).get(shop)).toMatchObject({ version: '2' });
  });

  it('do not look gone while somebody else reads them again', async () => {
    const first = ask('1');
    answer('1');
    await first;
    const changed = ask('2');
    expect((await ask('1')).get(shop)).toMatchObject({ version: '1' });
    expect(reader.endpointOf(shop)).toMatchObject({ version: '1' });
    answer('2');
    await changed;
  });

  it('are left out when they are gone', async () => {
    const asked = ask('1');
    answers.shift()!([]);
    expect(await asked).toEqual(new Map());
  });

  it('do not look gone to those who asked for them when too many are remembered', async () => {
    const first = ask('1');
    answer('1');
    await first;
    const others = Array.from({ length: 2000 }, (_, index) => ({
      webhookId: `other ${index}` as WebhookId,
      endpointVersion: '1',
    }));
    const asked = reader.endpointsOf([{ webhookId: shop, endpointVersion: '1' }, ...others]);
    answers.shift()!(others.map(({ webhookId }) => ({ webhookId, version: '1' })));
    expect((await asked).size).toBe(2001);
  });
});

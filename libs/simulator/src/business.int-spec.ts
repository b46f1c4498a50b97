import { randomBytes } from 'node:crypto';
import { Agent as HttpsAgent } from 'node:https';
import type { Person } from './people/person.js';
import { TestBench, type TestClient } from './test-client.js';
import { synced } from './test-events.js';

const OWNER = '6281200000001';
const SHOP = '6281300000002';

describe('businesses', () => {
  const bench = new TestBench();
  let agent: HttpsAgent;
  let owner: Person;
  let shop: Person;
  let gateway: TestClient;
  let shopJid: string;

  beforeAll(async () => {
    await bench.start();
    agent = new HttpsAgent({ ca: bench.simulator.caPem });
    owner = bench.simulator.person(OWNER);
    shop = bench.simulator.person(SHOP, { name: 'Shop' });
    shopJid = shop.account.address('pn');
    gateway = await synced(await bench.linked(OWNER, { fetchAgent: agent }));
  });

  afterEach(() => bench.simulator.assertHealthy());

  afterAll(async () => {
    await bench.stop();
    agent.destroy();
  });

  it('show a profile; others have none', async () => {
    expect(await gateway.socket.getBusinessProfile(shopJid)).toBeUndefined();
    Object.assign(shop.profile.business.profile, {
      verifiedName: 'Shop Ltd',
      description: 'Everything for the garden',
      address: 'Jalan Merdeka 1',
      email: 'shop@example.com',
      websites: ['https://shop.example.com'],
      category: { id: '133436743388217', name: 'Garden centre' },
      hours: {
        timezone: 'Asia/Jakarta',
        days: [{ day: 'mon', mode: 'specific_hours', openMinute: 480, closeMinute: 1_020 }],
      },
    });
    expect(await gateway.socket.getBusinessProfile(shopJid)).toMatchObject({
      wid: shopJid,
      description: 'Everything for the garden',
      website: ['https://shop.example.com'],
      category: 'Garden centre',
      business_hours: { timezone: 'Asia/Jakarta', business_config: [{ day_of_week: 'mon', open_time: '480' }] },
    });
  });

  it('change their own profile and cover photo', async () => {
    expect(owner.profile.isBusiness).toBe(false);
    await expect(gateway.socket.updateBussinesProfile({ description: 'no business' })).rejects.toThrow(
      'item-not-found',
    );
    const { profile } = owner.profile.business;
    await gateway.socket.updateBussinesProfile({
      description: 'Open again',
      websites: ['https://one.example.com', 'https://two.example.com'],
      hours: { timezone: 'UTC', days: [{ day: 'sun', mode: 'open_24h' }] },
    });
    expect(profile).toMatchObject({
      description: 'Open again',
      websites: ['https://one.example.com', 'https://two.example.com'],
      hours: { timezone: 'UTC', days: [{ day: 'sun', mode: 'open_24h' }] },
    });
    const id = await gateway.socket.updateCoverPhoto(randomBytes(500));
    expect(profile.coverPhoto).toBe(String(id));
    await gateway.socket.removeCoverPhoto(String(id));
    expect(profile.coverPhoto).toBeUndefined();
  });

  it('have catalogs in pages, collections and orders', async () => {
    const { business } = shop.profile;
    business.products = Array.from({ length: 25 }, (_, index) => ({
      ...{ id: `p${index}`, name: `Plant ${index}`, price: 15_000, currency: 'IDR', isHidden: index === 24 },
      imageUrls: ['https://example.com/plant.png'],
    }));
    business.collections = [{ id: 'c1', name: 'Indoor', productIds: ['p1', 'p2'] }];
    business.orders = [
      { id: 'o1', token: 'secret', currency: 'IDR', total: 30_000, items: [{ productId: 'p1', quantity: 2 }] },
    ];
    const { socket } = gateway;
    const first = await socket.getCatalog({ jid: shopJid, limit: 20 });
    expect(first.products).toHaveLength(20);
    const second = await socket.getCatalog({ jid: shopJid, limit: 20, cursor: first.nextPageCursor });
    expect(second.products.map(({ name }) => name)).toEqual(['Plant 20', 'Plant 21', 'Plant 22', 'Plant 23']);
    expect(second.nextPageCursor).toBeUndefined();
    const { collections } = await socket.getCollections(shopJid);
    expect(collections[0]).toMatchObject({ id: 'c1', name: 'Indoor', status: { status: 'APPROVED' } });
    expect(collections[0]?.products.map(({ id }) => id)).toEqual(['p1', 'p2']);
    expect(await socket.getOrderDetails('o1', 'secret')).toMatchObject({
      price: { total: 30_000, currency: 'IDR' },
      products: [{ name: 'Plant 1', quantity: 2 }],
    });
    await expect(socket.getOrderDetails('o1', 'guess')).rejects.toThrow('item-not-found');
  });

  it('keep their own catalog', async () => {
    const { business } = owner.profile;
    // A picture that is there already: Baileys uploads a new one before it has written all of it to its own file.
    const images = [{ url: 'https://mmg.whatsapp.net/seeds.png' }];
    const product = { name: 'Seeds', description: 'A bag', price: 5_000, currency: 'IDR', images };
    const made = await gateway.socket.productCreate({ ...product, originCountryCode: undefined } as never);
    expect(made).toMatchObject({ name: 'Seeds', price: 5_000, isHidden: false });
    await gateway.socket.productUpdate(made.id, { ...product, name: 'Better seeds', images: [] } as never);
    expect(business.products).toMatchObject([{ id: made.id, name: 'Better seeds', price: 5_000 }]);
    expect(await gateway.socket.productDelete([made.id])).toEqual({ deleted: 1 });
    expect(business.products).toEqual([]);
  });
});

import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { newNetworkIdentity } from '../simulation.js';
import { Simulator } from '../simulator.js';
import { SimulatorClient } from './client/simulator-client.js';

const FRIEND = '6281300000002';
const OWNER = '6281200000001';

interface Answer {
  status: number;
  body: { error?: string; code?: string };
}

describe('who may drive the simulator, and how it answers', () => {
  let simulator: Simulator;
  let remote: SimulatorClient;

  beforeAll(async () => {
    simulator = await Simulator.start({ allowedHosts: ['simulator'] });
    remote = new SimulatorClient(simulator.controlUrl);
    await remote.person(FRIEND, { name: 'Friend' });
    await remote.person(OWNER);
  });

  afterAll(() => simulator.stop());

  /** A request with headers that fetch does not let one set. */
  function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const { port } = new URL(simulator.controlUrl);
    return new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      });
      asking.on('error', reject).end(body);
    });
  }

  const port = () => new URL(simulator.controlUrl).port;

  it('does not answer to a name that a website made up', async () => {
    const rebound = await ask('GET', '/people', { host: `evil.example:${port()}` });
    expect(rebound).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(rebound.body.error).toContain('does not answer to the name "evil.example"');
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'simulator']) {
      expect((await ask('GET', '/people', { host: `${host}:${port()}` })).status).toBe(200);
    }
  });

  it('is not driven by pages of other websites', async () => {
    const host = `127.0.0.1:${port()}`;
    const body = JSON.stringify({ name: 'Mallory' });
    const foreign = await ask('PUT', `/people/${FRIEND}`, { host, origin: 'https://evil.example' }, body);
    expect(foreign).toMatchObject({ status: 403, body: { error: expect.stringContaining('https://evil.example') } });
    const opaque = await ask('POST', '/settle', { host, origin: 'null' });
    expect(opaque.status).toBe(403);
    const otherPort = await ask('POST', '/settle', { host, origin: 'http://127.0.0.1:9' });
    expect(otherPort.status).toBe(403);
    const crossSite = await ask('GET', '/people', {
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
    });
    expect(crossSite.status).toBe(403);
    const own = await ask(
      'PUT',
      `/people/${FRIEND}`,
      { host, origin: `http://${host}` },
      JSON.stringify({ name: 'Ana' }),
    );
    expect(own.status).toBe(200);
    expect(simulator.person(FRIEND).name).toBe('Ana');
  });

  it('says which field is wrong', async () => {
    const wrong = (body: object): Promise<unknown> => remote.call('POST', `/people/${FRIEND}/messages`, body);
    await expect(wrong({ to: OWNER, txet: 'x' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid',
      message: expect.stringContaining('"txet" is not a field of this operation; there are to, text'),
    });
    await expect(wrong({ text: 'x' })).rejects.toThrow('"to" is missing');
    await expect(wrong({ to: OWNER, text: 5 })).rejects.toThrow('"text" must be a string');
    await expect(wrong({ to: OWNER, media: 'gif', file: '' })).rejects.toThrow('"media" must be one of image, video');
    await expect(wrong({ to: OWNER, media: 'image' })).rejects.toThrow('"file" is missing');
    await expect(wrong({ to: OWNER, media: 'image', file: '%%%' })).rejects.toThrow('"file" must be base64');
    await expect(wrong({ to: OWNER, text: 'x', quote: 99 })).rejects.toMatchObject({ status: 404 });
    await expect(wrong({ to: '999999', text: 'x' })).rejects.toMatchObject({
      status: 422,
      message: 'nobody has the number 999999 in this simulation',
    });
    await expect(remote.call('GET', `/people/${FRIEND}/inbox?afte=1`)).rejects.toThrow('"afte" is no query parameter');
    await expect(remote.call('GET', `/people/${FRIEND}/inbox?after=x`)).rejects.toThrow('"after" must be a number');
    await expect(remote.call('DELETE', `/people/${FRIEND}`)).rejects.toMatchObject({
      status: 405,
      message: expect.stringContaining('takes PUT, GET'),
    });
    await expect(remote.call('GET', '/people/%E0%A4%A')).rejects.toMatchObject({ status: 400 });
    await expect(remote.call('GET', '/events?kinds=gossip')).rejects.toThrow('"kinds" has "gossip"');
    expect(simulator.problems).toEqual([]);
  });

  it('takes a file as a part of a form', async () => {
    const form = new FormData();
    const bytes = Buffer.from('%PDF-1.4 not really');
    form.set('to', OWNER);
    form.set('media', 'document');
    form.set('caption', 'the bill');
    form.set('file', new Blob([bytes], { type: 'application/pdf' }), 'bill.pdf');
    const sent = await fetch(`${simulator.controlUrl}/people/${FRIEND}/messages`, { method: 'POST', body: form });
    expect(sent.status).toBe(200);
    const received = await simulator.person(OWNER).expectMessage({ kind: 'document' });
    expect(received.toJSON()).toMatchObject({
      text: 'the bill',
      media: { fileName: 'bill.pdf', mimetype: 'application/pdf', fileLength: bytes.length },
    });
    const file = await fetch(`${simulator.controlUrl}/people/${OWNER}/inbox/${received.index}/file`);
    expect(file.headers.get('content-security-policy')).toContain('sandbox');
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('tells what happens, as it happens', async () => {
    const hangUp = new AbortController();
    const seen: string[] = [];
    for await (const { kind, number, record } of remote.watch(hangUp.signal, { kinds: ['message', 'person'] })) {
      if (kind === 'ready') await simulator.person(FRIEND).sendText(OWNER, 'live');
      if (kind === 'message') {
        expect({ number, record }).toMatchObject({ number: OWNER, record: { text: 'live', from: FRIEND } });
        simulator.person(OWNER).goOffline();
      }
      if (kind !== 'person') seen.push(kind);
      if (kind === 'person' && seen.includes('message')) hangUp.abort();
    }
    expect(seen).toEqual(['ready', 'message']);
    simulator.person(OWNER).goOnline();
  });

  it('is reached by the name that it was given', async () => {
    const named = await Simulator.start({ host: '0.0.0.0', publicHost: 'localhost' });
    try {
      expect([named.url, named.controlUrl, named.mediaUrl].map((url) => new URL(url).hostname)).toEqual(
        Array(3).fill('localhost'),
      );
      expect((await fetch(`${named.controlUrl}/people`)).status).toBe(200);
    } finally {
      await named.stop();
    }
    const { tls } = newNetworkIdentity(['simulator']);
    expect(new X509Certificate(tls.certPem).checkHost('simulator')).toBe('simulator');
  });

  it('shows the documentation where there is no page', async () => {
    for (const path of ['/', '/docs']) {
      const page = await fetch(simulator.controlUrl + path);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      const text = await page.text();
      expect(text).toContain('/people/{number}/expect-message');
      expect(text).toContain('curl');
    }
  });
});

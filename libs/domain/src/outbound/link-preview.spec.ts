import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { firstLink, LinkPreviews } from './link-preview.js';
import { OutboundClient } from './outbound-client.js';

describe('the preview of a link', () => {
  let server: Server;
  let base: string;
  let asked: string[] = [];
  const pages: Record<string, { type?: string; body: string | Buffer; status?: number }> = {};
  const open = OutboundClient.open({ allowedRanges: ['127.0.0.0/8'] });
  const closed = OutboundClient.open({ allowedRanges: [] });

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      const page = pages[request.url!];
      response.writeHead(page ? (page.status ?? 200) : 404, {
        'content-type': page?.type ?? 'text/html; charset=utf-8',
      });
      response.end(page?.body ?? 'nothing');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    pages['/p.png'] = {
      type: 'image/png',
      body: await sharp({ create: { width: 300, height: 200, channels: 3, background: '#0a0' } })
        .png()
        .toBuffer(),
    };
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await Promise.all([open.close(), closed.close()]);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const head = (inside: string) =>
    `<!doctype html><html><head>${inside}</head><body><title>not this</title></body></html>`;
  const previews = (policy: 'off' | 'asked' | 'always' = 'always', now?: () => number) =>
    new LinkPreviews(open, policy, now);

  it('is what the page says about itself, with a small picture', async () => {
    const facts =
      '<title>Fallback</title><meta property="og:title" content="Tea &amp; Co"><meta property="og:description" content="Fine\n  tea"><meta property="og:image" content="/p.png">';
    pages['/og'] = { body: head(facts) };
    const url = `${base}/og`;
    const preview = await previews().of(`look at ${url}, it is good`);
    expect(preview).toEqual({ url, title: 'Tea & Co', description: 'Fine tea', thumbnail: expect.any(String) });
    const { width, format } = await sharp(Buffer.from(preview!.thumbnail!, 'base64')).metadata();
    expect({ width, format }).toEqual({ width: 72, format: 'jpeg' });
  });

  it('falls back to title and description, and does without a picture that is none', async () => {
    pages['/plain'] = {
      body: head(
        '<title> Plain\npage </title><meta name="description" content="words"><meta property="og:image" content="/plain">',
      ),
    };
    expect(await previews().of(`${base}/plain`)).toEqual({
      url: `${base}/plain`,
      title: 'Plain page',
      description: 'words',
    });
  });

  it('reads other character sets', async () => {
    pages['/latin'] = {
      type: 'text/html; charset=iso-8859-1',
      body: Buffer.from(head('<title>caf\xe9</title>'), 'latin1'),
    };
    expect(await previews().of(`${base}/latin`)).toMatchObject({ title: 'café' });
  });

  it.each(['/missing', '/file', '/untitled'])('is absent for %s', async (path) => {
    pages['/file'] = { type: 'application/pdf', body: '%PDF <title>x</title>' };
    pages['/untitled'] = { body: head('') };
    expect(await previews().of(`${base}${path}`)).toBeNull();
  });

  it('does not read pages without end', async () => {
    pages['/endless'] = { body: `<html><head>${'<meta name="a" content="b">'.repeat(60_000)}<title>late</title>` };
    expect(await previews().of(`${base}/endless`)).toBeNull();
  });

  it('goes nowhere that the guard forbids', async () => {
    expect(await new LinkPreviews(closed, 'always').of(`${base}/og`)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('looks once for a while, also when many ask at once, and again soon after a failure', async () => {
    let now = 0;
    const some = previews('always', () => now);
    await Promise.all([some.of(`${base}/plain`), some.of(`${base}/plain`), some.of(`${base}/gone`)]);
    await some.of(`${base}/plain`);
    expect(asked.filter((path) => path === '/gone')).toHaveLength(1);
    const looks = () => asked.filter((path) => path === '/plain').length;
    const before = looks();
    now = 61_000;
    await some.of(`${base}/gone`);
    await some.of(`${base}/plain`);
    expect(asked.filter((path) => path === '/gone')).toHaveLength(2);
    expect(looks()).toBe(before);
    now = 601_000;
    await some.of(`${base}/plain`);
    expect(looks()).toBeGreaterThan(before);
  });

  it.each([
    ['off', true, false],
    ['asked', undefined, false],
    ['asked', true, true],
    ['always', undefined, true],
    ['always', false, false],
  ] as const)('by policy %s, asked %s: %s', async (policy, wish, expected) => {
    const content = await previews(policy).addTo({ kind: 'text', text: `${base}/og` }, wish);
    expect(content.preview !== undefined).toBe(expected);
  });

  it.each([
    ['see https://a.example/x?y=1.', 'https://a.example/x?y=1'],
    ['(https://a.example/b)', 'https://a.example/b'],
    ['HTTP://A.example and https://b.example', 'HTTP://A.example'],
    ['mail me@a.example', null],
    ['ftp://a.example javascript:alert(1)', null],
  ])('the first link of "%s" is %s', (text, link) => {
    expect(firstLink(text)).toBe(link);
  });
});

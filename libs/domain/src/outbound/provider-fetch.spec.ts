import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ProviderFetch, providerFetch } from './provider-fetch.js';

let server: Server;
let port: number;
let provider: ProviderFetch;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else response.end(request.url === '/long' ? 'x'.repeat(2 * 1024 * 1024) : '{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  provider = providerFetch(new URL(`http://127.0.0.1:${port}`), []);
});
afterAll(async () => {
  await provider.close();
  await new Promise((resolve) => server.close(resolve));
});

it('reaches the host that the operator named, though it is private', async () => {
  expect(await (await provider.fetch(`http://127.0.0.1:${port}/`, {})).json()).toEqual({ ok: true });
});

it.each([
  'http://localhost:PORT/',
  'http://127.0.0.2:PORT/',
  'http://[::1]:PORT/',
  'http://10.0.0.1/',
  'http://169.254.169.254/latest/meta-data',
])('does not reach %s because a document of the provider names it', async (address) => {
  const before = asked.length;
  await expect(provider.fetch(address.replace('PORT', String(port)), {})).rejects.toThrow();
  expect(asked).toHaveLength(before);
});

it('follows no redirect', async () => {
  expect((await provider.fetch(`http://127.0.0.1:${port}/away`, { redirect: 'follow' })).status).toBe(302);
});

it('reads no answer without end', async () => {
  await expect(provider.fetch(`http://127.0.0.1:${port}/long`, {}).then((answer) => answer.text())).rejects.toThrow();
});

import { request } from 'undici';
import { networkAccess } from './network-access.js';
import { sandboxDownloads } from './sandbox-downloads.js';

const rootKeyHex = '00'.repeat(32);

describe('access to the network', () => {
  it('is that of the library and the system without a sandbox', () => {
    const { url, agent, downloads } = networkAccess();
    expect([url, agent]).toEqual([undefined, undefined]);
    const notAsked = () => Promise.reject(new Error('no need to ask'));
    expect(downloads(notAsked)).toBe(downloads(notAsked));
  });

  it.each(['mmg.whatsapp.net', 'pps.whatsapp.net', 'static.whatsapp.net', 'web.whatsapp.com'])(
    'never leads from a sandbox to %s, not even when the sandbox names no media host',
    async (host) => {
      const dispatcher = sandboxDownloads('', () => Promise.reject(new Error('the sandbox is away')));
      await expect(request(`https://${host}/v/file`, { dispatcher })).rejects.toThrow('the sandbox is away');
      await dispatcher.close();
    },
  );

  it.each([
    [{ url: 'http://127.0.0.1:1', rootKeyHex, caFile: 'x' }, /ws: or wss:/],
    [{ url: 'nonsense', rootKeyHex, caFile: 'x' }, /ws: or wss:/],
    [{ url: 'ws://127.0.0.1:1', rootKeyHex: 'ab', caFile: 'x' }, /64 hex digits/],
    [{ url: 'ws://127.0.0.1:1', rootKeyHex, caFile: '/nowhere/ca.pem' }, /ca\.pem/],
  ])('fails at the start with a sandbox that cannot work: %o', (sandbox, message) => {
    expect(() => networkAccess(sandbox)).toThrow(message);
  });
});

import { Agent, buildConnector, request } from 'undici';
import { networkAccess } from './network-access.js';
import { redirectToSandbox } from './sandbox-downloads.js';

const rootKeyHex = '00'.repeat(32);

describe('access to the network', () => {
  it('is that of the library and the system without a sandbox', () => {
    const notAsked = () => Promise.reject(new Error('no need to ask'));
    const access = networkAccess();
    const { url, socketAgent, uploadAgent, downloads } = access.forProfile(notAsked);
    expect([url, socketAgent, uploadAgent]).toEqual([undefined, undefined, undefined]);
    expect(access.forProfile(notAsked).downloads).toBe(downloads);
  });

  it.each(['mmg.whatsapp.net', 'pps.whatsapp.net', 'static.whatsapp.net', 'web.whatsapp.com'])(
    'never leads from a sandbox to %s, not even when the sandbox names no media host',
    async (host) => {
      const away = () => Promise.reject(new Error('the sandbox is away'));
      const dispatcher = new Agent({ connect: redirectToSandbox(buildConnector({}), away) });
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

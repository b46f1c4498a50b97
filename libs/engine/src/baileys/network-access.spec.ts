import { networkAccess } from './network-access.js';

const rootKeyHex = '00'.repeat(32);

describe('access to the network', () => {
  it('is that of the library and the system without a sandbox', () => {
    const { url, agent } = networkAccess();
    expect([url, agent]).toEqual([undefined, undefined]);
  });

  it.each([
    [{ url: 'http://127.0.0.1:1', rootKeyHex, caFile: 'x' }, /ws: or wss:/],
    [{ url: 'nonsense', rootKeyHex, caFile: 'x' }, /ws: or wss:/],
    [{ url: 'ws://127.0.0.1:1', rootKeyHex: 'ab', caFile: 'x' }, /64 hex digits/],
    [{ url: 'ws://127.0.0.1:1', rootKeyHex, caFile: '/nowhere/ca.pem' }, /ca\.pem/],
  ])('fails at the start with a sandbox that cannot work: %o', (sandbox, message) => {
    expect(() => networkAccess(sandbox)).toThrow(message);
  });
});

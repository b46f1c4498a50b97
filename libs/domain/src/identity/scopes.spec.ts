import { permissions } from '#contracts';
import { parseScopes, rightsOfKey, rightsOfRole } from './scopes.js';

describe('scopes', () => {
  it('are cut down to what the user may do now', () => {
    expect([...rightsOfKey('viewer', ['messages.read', 'messages.send'])]).toEqual(['messages.read']);
    expect([...rightsOfKey('viewer', ['*'])]).toEqual([...rightsOfRole('viewer')]);
    expect([...rightsOfKey('owner', ['*'])].sort()).toEqual([...permissions].sort());
  });

  it('of an unknown role are none, also of one that objects inherit', () => {
    for (const role of ['', 'root', 'constructor', '__proto__']) expect(rightsOfKey(role, ['*']).size).toBe(0);
  });

  it('are taken by our names, the older ones and *, each once', () => {
    expect(parseScopes(['message:send', 'messages.send', 'messages:read', '*'])).toEqual([
      'messages.send',
      'messages.read',
      '*',
    ]);
    expect(() => parseScopes(['messages.read', 'constructor'])).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        fields: [expect.objectContaining({ path: 'permissions.1' })],
      }),
    );
  });
});

import { parseScopes } from './scopes.js';

describe('scopes', () => {
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

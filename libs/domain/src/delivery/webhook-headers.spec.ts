import { CatalogueError } from '#contracts';
import { checkedHeaders } from './webhook-headers.js';

const problem = (headers: Record<string, unknown>) => {
  try {
    checkedHeaders(headers);
    return null;
  } catch (error) {
    return (error as CatalogueError).fields;
  }
};

describe('custom headers', () => {
  it('takes ordinary ones, with lower-case names', () => {
    expect(checkedHeaders({ Authorization: 'Bearer abc', 'X-Team': 'a\tb' })).toEqual({
      authorization: 'Bearer abc',
      'x-team': 'a\tb',
    });
  });

  it('refuses what HTTP or the signature stands on', () => {
    for (const name of ['Host', 'Content-Length', 'transfer-encoding', 'Connection', 'Webhook-Id', 'X-MultiWA-Event']) {
      expect(problem({ [name]: 'x' })).toEqual([
        { path: `headers.${name}`, message: 'is set by the server and cannot be replaced' },
      ]);
    }
  });

  it('refuses values that could begin another header, and names that are none', () => {
    expect(problem({ 'x-a': 'b\r\nhost: evil' })).toHaveLength(1);
    expect(problem({ 'x-a': 'ü' })).toHaveLength(1);
    expect(problem({ 'x-a': 5 })).toHaveLength(1);
    expect(problem({ 'x a': 'b', '': 'c', 'x:': 'd' })).toHaveLength(3);
  });

  it('bounds number and length', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, 'v']));
    expect(problem(many)).toHaveLength(1);
    expect(problem({ 'x-long': 'v'.repeat(9000) })).toHaveLength(1);
  });
});

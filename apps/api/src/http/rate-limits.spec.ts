import { addressKey, RateLimit } from './rate-limits.js';

describe('RateLimit', () => {
  const at = (limit: number) => {
    const clock = { ms: 0 };
    return { clock, bucket: new RateLimit(limit, () => clock.ms) };
  };

  it('gives a minute’s worth at once and then as much as time brings back', () => {
    const { clock, bucket } = at(60);
    for (let i = 0; i < 60; i++) bucket.take('a');
    expect(() => bucket.take('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 1 }));
    clock.ms += 2_000;
    bucket.take('a');
    bucket.take('a');
    expect(() => bucket.take('a')).toThrow();
  });

  it('tells what is left and when all is back', () => {
    const { bucket } = at(10);
    expect(bucket.take('a')).toEqual({ limit: 10, remaining: 9, resetSeconds: 6 });
  });

  it('says how long to wait when a token takes longer than a second', () => {
    const { bucket } = at(2);
    bucket.take('a');
    bucket.take('a');
    expect(() => bucket.take('a')).toThrow(expect.objectContaining({ retryAfterSeconds: 30 }));
  });

  it('keeps callers apart and forgets the longest unseen beyond its bound', () => {
    const { bucket } = at(1);
    bucket.take('first');
    for (let i = 0; i < 50_000; i++) bucket.take(`caller ${i}`);
    expect(bucket.take('first').remaining).toBe(0);
    expect(() => bucket.take('caller 49999')).toThrow();
  });
});

describe('addressKey', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    [undefined, 'unknown'],
  ])('%s counts as %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });
});

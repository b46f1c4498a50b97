import { delayAfter, judge, retryDelaysMs } from './delivery-schedule.js';

describe('the retry schedule', () => {
  it('is the one that Standard Webhooks suggests: ten tries over 75 h 35 m 5 s', () => {
    expect(retryDelaysMs).toHaveLength(10);
    const total = retryDelaysMs.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBe(((75 * 60 + 35) * 60 + 5) * 1000);
  });

  it('waits before each of the ten tries and then gives up', () => {
    expect(delayAfter(1, 0)).toBe(5000);
    expect(delayAfter(9, 0)).toBe(24 * 3_600_000);
    expect(delayAfter(10, 0)).toBeNull();
  });

  it('waits longer by chance, never shorter', () => {
    expect(delayAfter(1, 0.5)).toBe(5500);
    expect(delayAfter(1, 0.999_999)).toBe(6000);
  });
});

describe('judging an answer', () => {
  const now = new Date('2026-01-01T00:00:00Z');

  it('takes nothing but 2xx for success', () => {
    for (const status of [200, 201, 202, 204, 299])
      expect(judge(status, undefined, now)).toEqual({ kind: 'succeeded' });
    for (const status of [301, 302, 304, 307, 308, 400, 401, 404, 422, 500, 503]) {
      expect(judge(status, undefined, now)).toEqual({ kind: 'failed', pauseMs: null });
    }
  });

  it('takes 410 for never again', () => {
    expect(judge(410, undefined, now)).toEqual({ kind: 'gone' });
  });

  it('obeys Retry-After of endpoints that are overloaded, in seconds and as a date', () => {
    expect(judge(429, '120', now)).toEqual({ kind: 'failed', pauseMs: 120_000 });
    expect(judge(503, 'Thu, 01 Jan 2026 00:10:00 GMT', now)).toEqual({ kind: 'failed', pauseMs: 600_000 });
    expect(judge(503, ['60', '90'], now)).toEqual({ kind: 'failed', pauseMs: 60_000 });
  });

  it('does not believe a Retry-After that is nonsense, in the past, endless, or beside the point', () => {
    for (const value of ['soon', '', '-5', '0', 'Wed, 31 Dec 2025 00:00:00 GMT']) {
      expect(judge(429, value, now)).toEqual({ kind: 'failed', pauseMs: null });
    }
    expect(judge(429, '999999999', now)).toEqual({ kind: 'failed', pauseMs: 24 * 3_600_000 });
    expect(judge(500, '120', now)).toEqual({ kind: 'failed', pauseMs: null });
  });
});

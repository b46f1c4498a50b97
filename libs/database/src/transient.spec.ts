import { jest } from '@jest/globals';
import { CommitOutcomeUnknown } from './transaction.js';
import { isTransient, retryTransient } from './transient.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('isTransient', () => {
  it.each(['57P01', '57P03', '08006', '53300', '40001', '40P01', 'ECONNREFUSED', 'ECONNRESET', 'P2034'])(
    'says yes to %s',
    (code) => expect(isTransient(withCode(code))).toBe(true),
  );

  it.each(['23505', '42P01', '57014', 'P2002', '22P02', 'ENOENT'])('says no to %s', (code) =>
    expect(isTransient(withCode(code))).toBe(false),
  );

  it('says yes to a Unix socket that is not there, and no to any other missing file', () => {
    expect(isTransient(Object.assign(withCode('ENOENT'), { syscall: 'connect' }))).toBe(true);
    expect(isTransient(Object.assign(withCode('ENOENT'), { syscall: 'open' }))).toBe(false);
  });

  it('looks at causes, and at what pg says without a code', () => {
    expect(isTransient(new Error('outer', { cause: withCode('57P01') }))).toBe(true);
    expect(isTransient(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isTransient(new CommitOutcomeUnknown(new Error('gone')))).toBe(true);
    expect(isTransient('57P01')).toBe(false);
    expect(isTransient(undefined)).toBe(false);
  });
});

describe('retryTransient', () => {
  const failing = (times: number, error: Error) => {
    const work = jest.fn(async () => {
      if (work.mock.calls.length <= times) throw error;
      return work.mock.calls.length;
    });
    return work;
  };

  it('does the work again until it succeeds', async () => {
    await expect(retryTransient(failing(2, withCode('57P01')), { attempts: 3 })).resolves.toBe(3);
  });

  it('passes on other errors at once, and the last one when it gives up', async () => {
    const wrong = failing(5, withCode('23505'));
    await expect(retryTransient(wrong, { attempts: 3 })).rejects.toThrow('x');
    expect(wrong).toHaveBeenCalledTimes(1);
    const away = failing(5, withCode('57P01'));
    await expect(retryTransient(away, { attempts: 2 })).rejects.toMatchObject({ code: '57P01' });
    expect(away).toHaveBeenCalledTimes(2);
    await expect(retryTransient(failing(1, withCode('57P01')), { until: new Date() })).rejects.toThrow('x');
  });

  it('stops waiting when it is told to', async () => {
    const controller = new AbortController();
    const work = jest.fn(async () => {
      if (work.mock.calls.length === 3) controller.abort();
      throw withCode('57P01');
    });
    await expect(retryTransient(work, { signal: controller.signal })).rejects.toMatchObject({ code: '57P01' });
    expect(work).toHaveBeenCalledTimes(3);
  });
});

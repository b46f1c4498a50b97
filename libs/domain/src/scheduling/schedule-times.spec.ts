import { CatalogueError } from '#contracts';
import type { ScheduledMessageRow } from '#database';
import { dueOccurrence } from './due-occurrence.js';
import { occurrencesFrom, readTimes } from './schedule-times.js';

const now = new Date('2026-03-01T12:00:00Z');
const read = (scheduledAt: string, timeZone = 'UTC', rule: string | null = null) =>
  readTimes({ scheduledAt, timeZone, rule }, now);

describe('times', () => {
  it('are moments with an offset, and wall times without', () => {
    expect(read('2026-07-01T18:00:00+02:00', 'Asia/Jakarta').dueAt.toISOString()).toBe('2026-07-01T16:00:00.000Z');
    expect(read('2026-07-01T18:00:00', 'Asia/Jakarta').dueAt.toISOString()).toBe('2026-07-01T11:00:00.000Z');
    expect(read('2026-07-01 18:00:00'.replace(' ', 'T')).dueAt.toISOString()).toBe('2026-07-01T18:00:00.000Z');
  });

  it('begin in the future; a rule that goes on may have begun before', () => {
    expect(() => read('2026-03-01T12:00:00Z')).toThrow(CatalogueError);
    expect(() => read('2036-03-01T12:00:00Z')).toThrow(CatalogueError);
    expect(() => read('soon')).toThrow(CatalogueError);
    const begun = { scheduledAt: '2026-02-01T09:00:00', timeZone: 'Europe/Berlin', rule: 'FREQ=DAILY' };
    expect(() => readTimes(begun, now)).toThrow(CatalogueError);
    expect(readTimes(begun, now, true).dueAt.toISOString()).toBe('2026-03-02T08:00:00.000Z');
  });

  it('show their occurrences over the change of clocks', () => {
    const times = read('2026-03-28T09:00:00', 'Europe/Berlin', 'FREQ=DAILY;COUNT=3');
    expect(occurrencesFrom(times, times.startsAt, 9).map((at) => at.toISOString())).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
    ]);
  });
});

describe('what is due after a stop', () => {
  const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
  const row = (rule: string | null, dueInMinutes: number, lateWindowSeconds: number) =>
    ({
      rule,
      startsAt: at(dueInMinutes),
      timeZone: 'UTC',
      dueAt: at(dueInMinutes),
      lateWindowSeconds,
    }) as ScheduledMessageRow;

  it('is sent late within its window, else left out', () => {
    expect(dueOccurrence(row(null, -10, 3600), now)).toEqual({ at: at(-10), isMissed: false, next: null });
    expect(dueOccurrence(row(null, -61, 3600), now)).toEqual({ at: at(-61), isMissed: true, next: null });
  });

  it('of a rule is the newest within the window, once for all that passed', () => {
    expect(dueOccurrence(row('FREQ=HOURLY', -190, 3600), now)).toEqual({ at: at(-10), isMissed: false, next: at(50) });
    expect(dueOccurrence(row('FREQ=HOURLY', -190, 60), now)).toEqual({ at: at(-190), isMissed: true, next: at(50) });
    expect(dueOccurrence(row('FREQ=HOURLY;COUNT=2', -190, 60), now)).toMatchObject({ isMissed: true, next: null });
    expect(dueOccurrence(row('FREQ=DAILY', 0, 0), now)).toEqual({ at: now, isMissed: false, next: at(24 * 60) });
  });
});

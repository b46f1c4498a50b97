import { CatalogueError } from '#contracts';
import { Recurrence } from './recurrence.js';

const read = (rule: string, startsAt: string, timeZone = 'Europe/Berlin') =>
  Recurrence.read({ rule, startsAt: new Date(startsAt), timeZone }, 'recurrence.rule');
const times = (rule: string, startsAt: string, count: number, after = startsAt, timeZone?: string) =>
  read(rule, startsAt, timeZone)
    .preview(new Date(Date.parse(after) - 1), count)
    .map((at) => at.toISOString().replace(':00.000Z', ''));

it('keeps the time of day when the clocks change', () => {
  expect(times('FREQ=DAILY', '2026-03-28T08:00:00Z', 3)).toEqual([
    '2026-03-28T08:00',
    '2026-03-29T07:00',
    '2026-03-30T07:00',
  ]);
  expect(times('FREQ=WEEKLY;BYDAY=MO', '2026-10-19T07:00:00Z', 2)).toEqual(['2026-10-19T07:00', '2026-10-26T08:00']);
});

it('moves on what the clocks skip, for that day alone', () => {
  expect(times('FREQ=DAILY', '2026-03-28T01:30:00Z', 3)).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:30', // 02:30 is not shown that night: 03:30.
    '2026-03-30T00:30',
  ]);
});

it('takes what the clocks show twice once, the first time', () => {
  expect(times('FREQ=DAILY', '2026-10-24T00:30:00Z', 3)).toEqual([
    '2026-10-24T00:30',
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
  expect(times('FREQ=HOURLY', '2026-10-24T23:00:00Z', 4)).toEqual([
    '2026-10-24T23:00',
    '2026-10-25T00:00',
    '2026-10-25T02:00',
    '2026-10-25T03:00',
  ]);
  expect(times('FREQ=HOURLY', '2026-03-28T23:00:00Z', 4)).toEqual([
    '2026-03-28T23:00',
    '2026-03-29T00:00',
    '2026-03-29T01:00',
    '2026-03-29T02:00',
  ]);
});

it('reads what people write', () => {
  const lastWorkday = 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1';
  expect(times(lastWorkday, '2026-01-01T09:00:00Z', 3, undefined, 'UTC')).toEqual([
    '2026-01-30T09:00',
    '2026-02-27T09:00',
    '2026-03-31T09:00',
  ]);
  expect(times('RRULE:freq=monthly;byday=1mo,3mo', '2026-01-01T09:00:00Z', 3, undefined, 'UTC')).toEqual([
    '2026-01-05T09:00',
    '2026-01-19T09:00',
    '2026-02-02T09:00',
  ]);
  expect(times('FREQ=MONTHLY', '2026-01-31T09:00:00Z', 3, undefined, 'UTC')).toEqual([
    '2026-01-31T09:00',
    '2026-03-31T09:00',
    '2026-05-31T09:00',
  ]);
  expect(times('FREQ=YEARLY', '2024-02-29T09:00:00Z', 2, undefined, 'UTC')).toEqual([
    '2024-02-29T09:00',
    '2028-02-29T09:00',
  ]);
  expect(times('FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30', '2026-01-01T10:00:00Z', 3, undefined, 'UTC')).toEqual([
    '2026-01-01T17:30',
    '2026-01-02T09:30',
    '2026-01-02T17:30',
  ]);
});

it('does not take a beginning that does not fit for an occurrence', () => {
  expect(times('FREQ=DAILY;BYDAY=MO;COUNT=2', '2026-01-01T09:00:00Z', 5, undefined, 'UTC')).toEqual([
    '2026-01-05T09:00',
    '2026-01-12T09:00',
  ]);
});

it('ends when it says so', () => {
  expect(times('FREQ=DAILY;COUNT=3', '2026-01-01T09:00:00Z', 9, '2026-01-02T09:00:00Z')).toHaveLength(2);
  expect(times('FREQ=DAILY;UNTIL=20260103', '2026-01-01T09:00:00Z', 9)).toHaveLength(3);
  expect(times('FREQ=DAILY;UNTIL=20260103T085959Z', '2026-01-01T09:00:00Z', 9)).toHaveLength(2);
  expect(read('FREQ=DAILY;COUNT=1', '2026-01-01T09:00:00Z').after(new Date('2026-01-01T09:00:00Z'))).toBeNull();
});

it('is in step wherever one looks, and does not begin at the beginning each time', () => {
  for (const rule of ['FREQ=MINUTELY;INTERVAL=7', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH', 'FREQ=DAILY;INTERVAL=3']) {
    const all = read(rule, '2026-01-01T09:00:00Z').preview(new Date('2026-01-01T09:00:00Z'), 400);
    for (const index of [3, 150, 398]) {
      const again = read(rule, '2026-01-01T09:00:00Z').after(all[index]!);
      expect(again).toEqual(all[index + 1]);
    }
  }
  const began = Date.now();
  expect(times('FREQ=MINUTELY', '1990-01-01T00:00:00Z', 1, '2026-01-01T00:00:00Z')).toEqual(['2026-01-01T00:00']);
  expect(Date.now() - began).toBeLessThan(500);
});

it.each([
  'FREQ=SECONDLY',
  'FREQ=DAILY;BYSECOND=0,1',
  'FREQ=SOMETIMES',
  'BYDAY=MO',
  'FREQ=DAILY;COUNT=0',
  'FREQ=DAILY;COUNT=99999',
  'FREQ=DAILY;COUNT=2;UNTIL=20270101',
  'FREQ=DAILY;UNTIL=tomorrow',
  'FREQ=DAILY;FREQ=DAILY',
  'FREQ=DAILY;X-THING=1',
  'FREQ=MINUTELY;BYMONTH=2',
  'FREQ=WEEKLY;BYDAY=1MO',
  'FREQ=WEEKLY;BYDAY=XX',
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4',
  'FREQ=MONTHLY;INTERVAL=2;BYMONTH=2',
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=YEARLY;BYDAY=MO;BYWEEKNO=53;BYMONTH=6',
  'FREQ=MONTHLY;BYDAY=6MO',
  'FREQ=MONTHLY;BYMINUTE=0,1,2,3,4;BYHOUR=0,1,2,3,4,5',
  'FREQ=DAILY;BYSETPOS=1',
  'FREQ=DAILY;UNTIL=20250101',
  'FREQ=HOURLY;INTERVAL=24;BYHOUR=5',
])('refuses %s within a moment', (rule) => {
  const began = Date.now();
  expect(() => read(rule, '2026-01-01T09:00:00Z')).toThrow(CatalogueError);
  expect(Date.now() - began).toBeLessThan(1000);
});

import { daysBetween, localDay, quietUntil } from './local-time.js';

const iso = (moment: number | null) => moment && new Date(moment).toISOString();

describe('local time', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T10:00:00Z', 23],
    ['Europe/Berlin', '2026-10-25T10:00:00Z', 25],
    ['Asia/Jakarta', '2026-10-25T10:00:00Z', 24],
    ['Australia/Lord_Howe', '2026-04-05T03:00:00Z', 24.5],
  ])('has days of %s that are as long as they are: %s, %d hours', (zone, moment, hours) => {
    const day = localDay(zone, Date.parse(moment));
    expect((day.to - day.from) / 3_600_000).toBe(hours);
    expect(localDay(zone, day.to).from).toBe(day.to);
    expect(daysBetween(day.date, localDay(zone, day.to).date)).toBe(1);
  });

  it.each([
    ['2026-11-20T13:59:00Z', null],
    ['2026-11-20T14:00:00Z', '2026-11-21T01:00:00.000Z'],
    ['2026-11-20T23:30:00Z', '2026-11-21T01:00:00.000Z'],
    ['2026-11-21T01:00:00Z', null],
  ])('knows quiet hours over midnight: at %s until %s', (moment, until) => {
    expect(iso(quietUntil({ from: '21:00', to: '08:00' }, 'Asia/Jakarta', Date.parse(moment)))).toBe(until);
  });

  it('ends quiet hours that the change of clocks cuts', () => {
    const quiet = { from: '01:30', to: '02:30' };
    // In Berlin 02:00 to 03:00 does not exist on that day.
    const until = quietUntil(quiet, 'Europe/Berlin', Date.parse('2026-03-29T00:45:00Z'))!;
    expect(quietUntil(quiet, 'Europe/Berlin', until)).toBeNull();
  });
});

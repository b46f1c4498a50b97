import { defaultBroadcastSettings } from '#contracts';
import { defaultSendPolicy } from '../governor/send-policy.js';
import { courseOf } from './broadcast-course.js';

const from = new Date('2026-11-21T08:00:00Z');
const settings = { ...defaultBroadcastSettings, delayMin: 6000, delayMax: 6000, batchPause: 0 };
const sender = (policy: object = {}) => ({
  policy: { ...defaultSendPolicy, ...policy },
  usedToday: { sent: 0, unsolicited: 0 },
});
const hoursOf = ({ lastSendAt }: { lastSendAt: Date | null }) => (lastSendAt!.getTime() - from.getTime()) / 3_600_000;

describe('the course of a broadcast', () => {
  it('is the number of recipients times the pause, shared by the numbers', () => {
    expect(hoursOf(courseOf(600, [sender()], settings, 'UTC', from))).toBeCloseTo(1, 1);
    expect(hoursOf(courseOf(600, [sender(), sender()], settings, 'UTC', from))).toBeCloseTo(0.5, 1);
  });

  it('waits for the hours of the day', () => {
    const window = { ...settings, dailyWindow: { from: '20:00', to: '21:00' } };
    const course = courseOf(900, [sender()], window, 'UTC', from);
    expect(course.firstSendAt.toISOString()).toBe('2026-11-21T20:00:00.000Z');
    // 600 on the first evening, 300 on the next.
    expect(course.lastSendAt!.toISOString()).toBe('2026-11-22T20:30:00.000Z');
  });

  it('keeps to what a number may send on a day, today’s use included', () => {
    const limited = { ...sender({ coldDailyLimit: 100 }), usedToday: { sent: 40, unsolicited: 40 } };
    const { lastSendAt } = courseOf(250, [limited], settings, 'UTC', from);
    // 60 today, 100 tomorrow, 90 the day after.
    expect(lastSendAt!.toISOString().slice(0, 10)).toBe('2026-11-23');
  });

  it('says nothing of what takes more than three months', () => {
    expect(courseOf(1_000_000, [sender({ coldDailyLimit: 10 })], settings, 'UTC', from).lastSendAt).toBeNull();
  });
});

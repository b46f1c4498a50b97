import { minuteWindow } from './sliding-window.js';

const start = Date.parse('2026-11-20T12:00:00Z');
const at = (seconds: number) => start + seconds * 1_000;

describe('a sliding window', () => {
  it('forgets what was sent more than its length, and one slice, ago', () => {
    const sent = minuteWindow.added(minuteWindow.empty(at(1)), 7);
    expect(minuteWindow.used(minuteWindow.moved(sent, at(61)))).toBe(7);
    expect(minuteWindow.used(minuteWindow.moved(sent, at(70)))).toBe(0);
  });

  it('says when there is room again', () => {
    const first = minuteWindow.added(minuteWindow.empty(at(0)), 2);
    const both = minuteWindow.added(minuteWindow.moved(first, at(30)), 1);
    expect(minuteWindow.freeAt(both, 3)).toBe(at(70));
    expect(minuteWindow.used(minuteWindow.moved(both, minuteWindow.freeAt(both, 3)))).toBe(1);
    expect(minuteWindow.freeAt(both, 1)).toBe(at(100));
  });

  it('gives nothing back when the clock is put back, and recovers within its length', () => {
    const sent = minuteWindow.added(minuteWindow.empty(at(3600)), 5);
    const back = minuteWindow.moved(sent, at(0));
    expect(minuteWindow.used(back)).toBe(5);
    expect(minuteWindow.used(minuteWindow.moved(back, at(70)))).toBe(0);
  });

  it('takes out what did not go', () => {
    const sent = minuteWindow.added(minuteWindow.empty(at(0)), 2);
    const later = minuteWindow.moved(sent, at(20));
    expect(minuteWindow.used(minuteWindow.removed(later, at(2)))).toBe(1);
    expect(minuteWindow.used(minuteWindow.removed(later, at(12)))).toBe(2);
  });
});

import { afterOutcome, type Circuit, circuitNow, mayProbe } from './circuit.js';
import { locked, type TimeLock, timeLockNow } from './time-lock.js';

const now = Date.parse('2026-11-20T12:00:00Z');
const minutes = (count: number) => now + count * 60_000;

describe('the circuit', () => {
  const given = (outcomes: string, circuit: Circuit | null = null) =>
    [...outcomes].reduce((state, each) => afterOutcome(state, each === '1', now), { outcomes: '', circuit });

  it.each([
    ['0000', false],
    ['00000', true],
    ['11000', false],
    ['10000', true],
    ['1111110000', false],
    ['11111100000', false],
    ['111111000000000', true],
  ])('after %s: open is %s', (outcomes, isOpen) => {
    expect(given(outcomes).circuit !== null).toBe(isOpen);
  });

  it('lets one try after half an hour: a good one closes it, a bad one makes it rest again', () => {
    const { circuit, outcomes } = given('00000');
    expect(mayProbe(circuit!, minutes(29))).toBe(false);
    expect(mayProbe(circuit!, minutes(30))).toBe(true);
    const probing = { ...circuit!, probeAt: minutes(30) };
    expect(mayProbe(probing, minutes(30))).toBe(false);
    expect(afterOutcome({ outcomes, circuit: probing }, true, minutes(31))).toEqual({ outcomes: '', circuit: null });
    expect(afterOutcome({ outcomes, circuit: probing }, false, minutes(31)).circuit!.until).toBe(minutes(61));
  });

  it('does not wait for ever for a probe whose owner died', () => {
    const probing = { ...given('00000').circuit!, probeAt: minutes(30) };
    expect(circuitNow(probing, minutes(33))!.probeAt).toBeNull();
  });
});

describe('the time-lock', () => {
  const free = { timeLock: null, timeLocks: 0 };

  it('ends by itself when WhatsApp named the end', () => {
    const { timeLock } = locked(free, { until: minutes(90), standing: null }, now);
    expect(timeLockNow(timeLock, minutes(89))).toEqual(timeLock);
    expect(timeLockNow(timeLock, minutes(90))).toBeNull();
  });

  it('rests 1, 2, 4 … 24 hours when it did not', () => {
    let state: { timeLock: TimeLock | null; timeLocks: number } = free;
    let at = now;
    const rests: number[] = [];
    for (let refusal = 0; refusal < 7; refusal++) {
      state = locked(state, { until: null, standing: 'new' }, at);
      rests.push((state.timeLock!.until - at) / 3_600_000);
      at = state.timeLock!.until;
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 24, 24]);
  });

  it('counts refusals of messages that were on their way together once, and keeps the end that was named', () => {
    const named = locked(free, { until: minutes(90), standing: null }, now);
    const again = locked(named, { until: null, standing: 'new' }, minutes(1));
    expect(again).toEqual(named);
  });

  it('reaches those who wrote long ago once one of them was refused', () => {
    expect(locked(free, { until: null, standing: 'new' }, now).timeLock.scope).toBe('new');
    expect(locked(free, { until: null, standing: 'known' }, now).timeLock.scope).toBe('unsolicited');
  });
});

import { jest } from '@jest/globals';
import { LateAnswers } from './late-answers.js';

describe('answers that came before what they answer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are tried for a minute and then given up', () => {
    let tried = 0;
    const kept: boolean[] = [];
    const late: LateAnswers<{ name: string }> = new LateAnswers((items) => {
      for (const item of items) {
        tried += 1;
        kept.push(late.keep('J', item));
      }
    });
    expect(late.keep('J', { name: 'vote' })).toBe(true);
    jest.advanceTimersByTime(120_000);
    expect(tried).toBe(30);
    expect(kept).toEqual([...Array.from({ length: 29 }, () => true), false]);
  });

  it('are not tried any more once they could be read', () => {
    let tried = 0;
    const late = new LateAnswers<object>((items) => {
      tried += items.length;
    });
    late.keep('J', {});
    late.done('J');
    jest.advanceTimersByTime(10_000);
    expect(tried).toBe(0);
  });

  it('are bounded: those that come when there is no room are given up', () => {
    const late = new LateAnswers<object>(() => undefined);
    const kept = Array.from({ length: 501 }, (_, index) => late.keep(`J${index}`, {}));
    expect(kept.filter((each) => !each)).toHaveLength(1);
  });
});

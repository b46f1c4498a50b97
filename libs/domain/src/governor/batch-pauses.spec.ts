import { BatchPauses } from './batch-pauses.js';

describe('BatchPauses', () => {
  const batchId = 'a';

  it('lets a batch pause after a message, and others go on', () => {
    const pauses = new BatchPauses();
    pauses.took([{ batchId, pauseMs: 3_000, lateMs: 0 }], 1_000);
    pauses.took([{ batchId: null, pauseMs: 3_000, lateMs: 0 }], 1_000);
    pauses.took([{ batchId: 'b', pauseMs: null, lateMs: 9_000 }], 1_000);
    expect(pauses.at(3_999)).toEqual([batchId]);
    expect(pauses.nextEnd).toBe(4_000);
    expect(pauses.at(4_000)).toEqual([]);
    expect(pauses.nextEnd).toBeNull();
  });

  it('counts from the planned moment what is a little late, so that lateness does not add up', () => {
    const pauses = new BatchPauses();
    pauses.took([{ batchId, pauseMs: 3_000, lateMs: 200 }], 10_200);
    expect(pauses.nextEnd).toBe(13_000);
  });

  it('adds the pauses of those that go together', () => {
    const pauses = new BatchPauses();
    const together = [0, 1, 2].map(() => ({ batchId, pauseMs: 20, lateMs: 500 }));
    pauses.took(together, 1_000);
    expect(pauses.nextEnd).toBe(1_060);
  });

  it('counts from the real moment what is late', () => {
    const pauses = new BatchPauses();
    pauses.took([{ batchId, pauseMs: 3_000, lateMs: 301 }], 10_301);
    expect(pauses.nextEnd).toBe(13_301);
    pauses.took([{ batchId: 'long', pauseMs: 60_000, lateMs: 1_001 }], 10_000);
    expect(pauses.at(69_999)).toEqual(['long']);
  });
});

import { readableLine } from './process-log.js';

describe('readableLine', () => {
  it('turns a record of pino into a line to read', () => {
    const record = { level: 40, time: 0, pid: 1, hostname: 'h', msg: 'it is slow', profileId: 'p1', took: { ms: 5 } };
    expect(readableLine('engine', JSON.stringify(record))).toMatch(
      /^\d\d:\d\d:\d\d engine {4}warn it is slow profileId=p1 took={"ms":5}$/,
    );
  });

  it('shows the stack of an error', () => {
    const record = { level: 50, time: 0, msg: 'failed', err: { message: 'no', stack: 'Error: no\n    at x' } };
    expect(readableLine('api', JSON.stringify(record))).toContain('error failed \nError: no\n    at x');
  });

  it('passes on what is not a record', () => {
    expect(readableLine('api', '{ not json')).toMatch(/api {7}\{ not json$/);
    expect(readableLine('api', 'plain')).toMatch(/plain$/);
  });
});

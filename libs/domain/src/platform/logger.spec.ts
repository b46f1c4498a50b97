import { createLogger, nestLogger } from './logger.js';

function listening(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ level }, 'spec', { write: (line) => void lines.push(JSON.parse(line)) });
  return { lines, log };
}

describe('the log', () => {
  it('is JSON with time, process and the fields of the line', () => {
    const { lines, log } = listening();
    log.child({ requestId: 'r1' }).info({ ms: 3 }, 'done');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        name: 'spec',
        msg: 'done',
        ms: 3,
        requestId: 'r1',
        time: expect.any(String),
      }),
    ]);
  });

  it('never shows secrets, at the top or inside', () => {
    const { lines, log } = listening();
    const secrets = { password: 's3cret', 'x-api-key': 's3cret', accessToken: 's3cret' };
    const refused = Object.assign(new Error('duplicate'), { detail: 'Key (text)=(s3cret)' });
    log.error({ ...secrets, headers: secrets, request: { headers: secrets }, err: refused }, 'trouble');
    expect(JSON.stringify(lines)).not.toContain('s3cret');
    expect(lines[0]).toMatchObject({ password: '[redacted]', err: { message: 'duplicate' } });
  });

  it('takes in what Nest says: its trouble as such, its chatter at debug', () => {
    const { lines, log } = listening('debug');
    const nest = nestLogger(log);
    nest.log('mapped', 'Router');
    nest.error('broke', 'the stack', 'Router');
    expect(lines.map(({ level, msg, context }) => [level, msg, context])).toEqual([
      [20, 'mapped', 'Router'],
      [50, 'broke', 'Router'],
    ]);
  });
});

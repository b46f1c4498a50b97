import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import { isRunning } from './process-identity.js';

describe('Child', () => {
  let folder: string;
  let child: Child;
  let lines: string[];
  let changes: (() => void)[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'child-'));
    lines = [];
    changes = [];
  });
  afterEach(() => {
    child.kill();
    rmSync(folder, { recursive: true });
  });

  function make(source: string): Child {
    const script = join(folder, 'main.mjs');
    writeFileSync(script, source);
    child = new Child({
      name: 'subject',
      script,
      env: () => process.env,
      log: (line) => lines.push(line),
      onChange: () => {
        for (const look of changes) look();
      },
    });
    return child;
  }

  /** Resolves when the child's process is as asked; looks at each change only. */
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      changes.push(() => holds() && resolve());
      if (holds()) resolve();
    });

  const lives = `process.send({ ready: true, port: 7 }); process.on('disconnect', () => process.exit(0)); setInterval(() => {}, 1000);`;

  it('is ready when it says so, over IPC or in a line', async () => {
    expect(await make(lives).start()).toEqual({ ready: true, port: 7 });
    await child.stop(2000);
    const printing = make(`console.log('{"ready":true,"url":"u"}'); setInterval(() => {}, 1000);`);
    expect(await printing.start()).toEqual({ ready: true, url: 'u' });
  });

  it('comes back as another process after it was killed', async () => {
    await make(lives).start();
    const first = child.identity!;
    process.kill(first.pid, 'SIGKILL');
    await until(() => child.identity !== undefined && child.identity.pid !== first.pid);
    expect(isRunning(first)).toBe(false);
    expect(isRunning(child.identity!)).toBe(true);
  });

  it('says why when it ends before it is ready, and is not started again', async () => {
    await expect(make(`console.error('no such thing'); process.exit(3);`).start()).rejects.toThrow(
      'subject ended before it was ready (exit code 3)',
    );
    expect(lines).toContain('no such thing');
    expect(child.identity).toBeUndefined();
  });

  it('is asked to stop first and killed only when it does not', async () => {
    await make(`process.on('SIGTERM', () => {}); ${lives}`).start();
    const { pid } = child.identity!;
    await child.stop(300);
    expect(lines).toContain('did not end within 300 ms and is killed');
    expect(isRunning({ pid, startedAt: null })).toBe(false);
    expect(child.identity).toBeUndefined();
  });
});

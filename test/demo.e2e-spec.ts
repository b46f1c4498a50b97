import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NpmStart } from './npm-start.js';

/** The demo prints a step only after it saw it happen, and stops at the first that does not. */
it('plays the demo to its end, twice in one data directory, and leaves the server running', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'waypost-demo-'));
  let start: NpmStart | undefined;
  try {
    for (const link of ['The phone of the shop scanned it', 'Linked in the last run, and connected again']) {
      start = new NpmStart(dataDir, { args: ['--demo'] });
      const { url } = await start.says('The server keeps running', 120_000);
      expect(start.output).toContain(link);
      expect(start.output).toContain('The batch is completed: 200 sent, 0 failed');
      expect(start.output).toContain('All 200 phones decrypted exactly their own text, once');
      expect(start.output).toContain('The broadcast is completed: 40 sent, and its progress came over the socket');
      expect(start.output).toMatch(/[1-9]\d* have read it, and [1-9]\d* have answered/);

      const key = /API key +(\S+)/.exec(start.output)![1]!;
      const answer = await fetch(`${url}/api/v1/auth/me`, { headers: { 'x-api-key': key } });
      expect(answer.status).toBe(200);

      start.signal('SIGINT');
      expect(await start.ended()).toBe(0);
    }
  } finally {
    start?.signal('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 300_000);

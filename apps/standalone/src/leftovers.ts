import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.js';
import type { RunFacts } from './run-file.js';

/** Children of a killed launcher end by themselves; this long they may take. */
const graceMs = 5000;

/** Waits for the processes of a former run whose launcher was killed, and kills those that stay. */
export async function endLeftovers(former: RunFacts | undefined, log: (line: string) => void): Promise<void> {
  const running = () => Object.entries(former?.processes ?? {}).filter(([, identity]) => isRunning(identity));
  if (running().length === 0) return;
  log(`waiting for the end of a former run: ${describe(running())}`);
  const deadline = performance.now() + graceMs;
  while (running().length > 0 && performance.now() < deadline) await pause(50);
  for (const [, { pid }] of running()) process.kill(pid, 'SIGKILL');
}

function describe(processes: [string, ProcessIdentity][]): string {
  return processes.map(([name, { pid }]) => `${name} (pid ${pid})`).join(', ');
}

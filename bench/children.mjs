import { fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Processes of the benchmark. They are ended through `endAll`, whatever happened, and by themselves when the process of
 * the benchmark is gone, because each watches its IPC channel.
 */
const running = new Set();

/** Starts a script of ours with an IPC channel. `onLine` gets what it prints. */
export function start(script, args, { env, onLine }) {
  // The inspector is asked for by SIGUSR1, at any free port (inspector.mjs).
  const child = fork(script, args, {
    env: { ...process.env, ...env, NODE_OPTIONS: '--inspect-port=0' },
    execArgv: ['--no-warnings'],
    silent: true,
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine(line);
    });
  }
  return child;
}

/** SIGTERM, and SIGKILL to what is still there after `graceMs`. */
export async function end(child, graceMs = 12_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await closed;
  clearTimeout(timer);
}

export async function endAll() {
  await Promise.all([...running].map((child) => end(child)));
}

/** Asks until the answer is true-like, and returns it. @throws when the time is over */
export async function until(what, ask, { withinMs = 60_000, everyMs = 20 } = {}) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain: ${what}.`);
    await pause(everyMs);
  }
}

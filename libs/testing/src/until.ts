import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `condition` gives something true, and returns it. For facts that come without an event to wait for; the
 * one place of the tests that polls.
 * @throws after `withinMs` (default 10 s), with `what` and the last error of the condition.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { withinMs = 10_000, what = 'the condition' }: { withinMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const limit = Date.now() + withinMs;
  for (;;) {
    let problem: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > limit) throw new Error(`Waited ${withinMs} ms in vain for ${what}.`, { cause: problem });
    await sleep(15);
  }
}

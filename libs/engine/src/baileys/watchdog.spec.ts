import type { WASocket } from '@whiskeysockets/baileys';
import { until } from '#testing';
import { Watchdog, type WatchdogLimits } from './watchdog.js';

const limits: WatchdogLimits = { checkEveryMs: 2, answerMs: 5_000, loginMs: 5_000, silenceMs: 5_000, closingMs: 5_000 };

function watch(changed: Partial<WatchdogLimits>) {
  const seen: string[] = [];
  const ws = { isClosing: false, socket: { terminate: () => seen.push('terminated') } };
  const watchdog = new Watchdog({ ws } as unknown as WASocket, (reason) => seen.push(reason), {
    ...limits,
    ...changed,
  });
  return { seen, ws, watchdog };
}

describe('the watchdog', () => {
  it('ends what the server does not answer', async () => {
    const { seen, watchdog } = watch({ answerMs: 10 });
    await until(() => seen.includes('the server does not answer'));
    watchdog.stop();
  });

  it('ends a login that does not come to an end', async () => {
    const { seen, watchdog } = watch({ loginMs: 10 });
    await until(() => seen.includes('the login did not end'));
    watchdog.stop();
  });

  it('lets a person take their time to scan', async () => {
    const { seen, watchdog } = watch({ loginMs: 1, silenceMs: 40 });
    watchdog.loginEnded();
    await until(() => seen.length > 0);
    expect(seen[0]).toBe('the server is silent');
    watchdog.stop();
  });

  it('does not call a server silent that sends', async () => {
    const { seen, watchdog } = watch({ silenceMs: 60 });
    watchdog.loginEnded();
    for (let frames = 0; frames < 10; frames += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      watchdog.frameArrived();
    }
    expect(seen).toEqual([]);
    watchdog.stop();
  });

  it('cuts a connection whose other side does not confirm the close', async () => {
    const { seen, ws, watchdog } = watch({ closingMs: 10 });
    ws.isClosing = true;
    await until(() => seen.includes('terminated'));
    watchdog.stop();
  });
});

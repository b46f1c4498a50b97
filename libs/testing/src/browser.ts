import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of this machine: where CHROMIUM says, else in the usual places. */
export function findBrowser({ CHROMIUM }: NodeJS.ProcessEnv): string | undefined {
  return CHROMIUM ?? PLACES.find((path) => existsSync(path));
}

/** Starts it with a microphone that hums. Rejects with a sentence when there is no browser. */
export async function startBrowser(env: NodeJS.ProcessEnv, further: string[] = []): Promise<Browser> {
  const executablePath = findBrowser(env);
  if (!executablePath) {
    throw new Error('There is no Chromium on this machine: install it (apt-get install chromium), or set CHROMIUM.');
  }
  const args = ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', ...further];
  // Here and not above: most tests have no browser, and need not load this.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args });
}

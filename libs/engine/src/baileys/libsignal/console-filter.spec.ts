import { installConsoleFilter } from './console-filter.js';
import { SignalParty } from './signal-party.for-spec.js';

describe('the console filter', () => {
  const printed: unknown[][] = [];
  const original = { info: console.info, warn: console.warn, error: console.error };
  const record = (...args: unknown[]) => void printed.push(args);

  beforeEach(() => {
    printed.length = 0;
    Object.assign(console, { info: record, warn: record, error: record });
  });

  afterAll(() => Object.assign(console, original));

  /** Makes libsignal close one session for another, which it reports with all keys. */
  async function replaceSession(): Promise<void> {
    const us = new SignalParty('11@lid');
    const peer = new SignalParty('22@lid');
    await us.openSession(peer);
    await us.openSession(peer);
  }

  it('is needed: libsignal prints sessions with their private keys', async () => {
    await replaceSession();
    expect(printed).toContainEqual([expect.stringMatching(/^Closing session/), expect.anything()]);
  });

  it('drops the lines of libsignal and lets all others pass', async () => {
    installConsoleFilter();
    await replaceSession();
    console.error('Failed to decrypt message with any known session...');
    console.warn('something else', 1);
    console.error(new Error('of somebody'));
    expect(printed).toEqual([['something else', 1], [expect.objectContaining({ message: 'of somebody' })]]);
  });
});

import { installConsoleFilter } from './console-filter.js';
import { installSessionRestore } from './session-restore.js';
import { SignalParty } from './signal-party.for-spec.js';

/** A message is in flight on the old session while we open a new one; then the peer answers on the new one. */
async function answerAfterCrossing(run: string): Promise<string> {
  const us = new SignalParty(`1${run}@lid`);
  const peer = new SignalParty(`2${run}@lid`);
  await us.openSession(peer);
  await peer.decrypt(us, await us.encrypt(peer, 'first'));
  await us.decrypt(peer, await peer.encrypt(us, 'second'));
  const inFlight = await peer.encrypt(us, 'in flight on the old session');
  await us.openSession(peer);
  const onNewSession = await us.encrypt(peer, 'first on the new session');
  await us.decrypt(peer, inFlight);
  await peer.decrypt(us, onNewSession);
  return us.decrypt(peer, await peer.encrypt(us, 'answer on the new session'));
}

describe('libsignal after a failed attempt on one of several sessions', () => {
  beforeAll(() => installConsoleFilter());

  it('cannot read the answer without the restore (the fault that is corrected)', async () => {
    await expect(answerAfterCrossing('01')).rejects.toThrow(/No matching sessions|Bad MAC/);
  });

  it('reads the answer with the restore', async () => {
    installSessionRestore();
    await expect(answerAfterCrossing('02')).resolves.toBe('answer on the new session');
  });

  it('is installed once, however often it is asked for', () => {
    expect(() => installSessionRestore()).not.toThrow();
  });
});

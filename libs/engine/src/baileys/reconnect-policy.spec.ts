import { type Circumstances, decide } from './reconnect-policy.js';

const linked: Circumstances = { isLinked: true, justLinked: false, failures: 0, throttled: 0, random: () => 1 };
const pairing: Circumstances = { ...linked, isLinked: false };
const ended = (statusCode: number | null, message = 'closed') => ({ statusCode, message });

describe('after the end of a socket', () => {
  it('the restart that follows linking comes at once', () => {
    const decision = decide(ended(515), { ...linked, justLinked: true });
    expect(decision).toEqual({ kind: 'retry', code: 'pairing_accepted', delayMs: 0 });
    expect(decide(ended(515), linked)).toMatchObject({ code: 'server_restarted', delayMs: 0 });
  });

  it.each([408, 428, 500, 503, 411, null])('a connection that was lost (%s) is tried again', (code) => {
    expect(decide(ended(code), linked)).toEqual({ kind: 'retry', code: 'connection_lost', delayMs: 1_000 });
  });

  it('the back-off grows to a minute, never further, and never ends', () => {
    const delays = [0, 1, 2, 5, 6, 50, 5_000].map((failures) => decide(ended(408), { ...linked, failures }));
    expect(delays.map((each) => each.kind === 'retry' && each.delayMs)).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('is spread by chance, so that many numbers do not come back at once', () => {
    const at = (random: number) => decide(ended(408), { ...linked, failures: 10, random: () => random });
    expect([at(0), at(0.5)]).toMatchObject([{ delayMs: 30_000 }, { delayMs: 45_000 }]);
  });

  it('only a definite end of the link ends it', () => {
    expect(decide(ended(401), linked)).toEqual({ kind: 'stop', code: 'logged_out_from_phone', endsLink: true });
    expect(decide(ended(401), pairing)).toMatchObject({ kind: 'retry' });
  });

  it('a conflict is tried again more slowly', () => {
    expect(decide(ended(440), linked)).toEqual({ kind: 'retry', code: 'conflict', delayMs: 30_000 });
    expect(decide(ended(440), { ...linked, failures: 20 })).toMatchObject({ delayMs: 600_000 });
  });

  it('a locked account waits for a person; a temporary ban for its end', () => {
    expect(decide(ended(403), linked)).toEqual({ kind: 'stop', code: 'account_restricted' });
    const ban = decide({ ...ended(402), expireSeconds: 7_200 }, linked);
    expect(ban).toEqual({ kind: 'retry', code: 'account_restricted', delayMs: 7_200_000, isAsked: true });
  });

  it('a number that connects too often waits longer each time, at last a quarter of an hour', () => {
    const pauses = [0, 1, 2, 3, 50].map((throttled) => decide(ended(429), { ...linked, throttled, random: () => 0 }));
    expect(pauses[0]).toEqual({ kind: 'retry', code: 'rate_limited', delayMs: 10_000, isAsked: true });
    const delays = pauses.map((each) => each.kind === 'retry' && each.delayMs);
    expect(delays).toEqual([10_000, 150_000, 800_000, 900_000, 900_000]);
  });

  it('a version that WhatsApp refuses is told as such', () => {
    expect(decide(ended(405), linked)).toMatchObject({ kind: 'retry', code: 'client_outdated' });
  });

  it('a QR code that nobody scanned ends the attempt; a lost connection while pairing does not', () => {
    expect(decide(ended(408, 'QR refs attempts ended'), pairing)).toEqual({ kind: 'stop', code: 'pairing_expired' });
    expect(decide(ended(408, 'Connection was lost'), pairing)).toMatchObject({ kind: 'retry', code: 'connecting' });
  });
});

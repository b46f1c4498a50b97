import { findingsOf } from './findings.js';
import { defaultHealthLimits as limits } from './limits.js';
import { HealthMeter } from './meter.js';

const minute = 60_000;
const quiet = { isOpen: true, bufferHeldMs: null };

function world() {
  const clock = { now: 1_000_000_000 };
  const meter = new HealthMeter(
    limits,
    () => undefined,
    () => clock.now,
  );
  const findings = (socket = quiet as { isOpen: boolean; bufferHeldMs: number | null }) =>
    findingsOf(meter, socket, limits);
  return { clock, meter, findings };
}

describe('what the figures of a connection mean', () => {
  it('nothing, while all is well', () => {
    const { meter, findings } = world();
    meter.arrived('message');
    meter.processing()();
    meter.acknowledged(80);
    meter.ping.add(40);
    expect(findings()).toEqual([]);
  });

  it('a silence that is much longer than the gaps of this number, and a shorter one is none', () => {
    const { clock, meter, findings } = world();
    for (let times = 0; times < 20; times += 1) {
      meter.arrived('message');
      clock.now += minute;
    }
    clock.now += 10 * minute;
    expect(findings()).toEqual([]);
    clock.now += 10 * minute;
    expect(findings()).toEqual(['inbound_silent']);
    meter.traffic.lookedAfter();
    expect(findings()).toEqual([]);
    clock.now += 25 * minute;
    expect(findings()).toEqual(['inbound_silent']);
    meter.arrived('receipt');
    expect(findings()).toEqual([]);
  });

  it('no silence for a number that hardly ever gets anything, or whose socket is closed', () => {
    const { clock, meter, findings } = world();
    meter.arrived('message');
    clock.now += 600 * minute;
    expect(findings()).toEqual([]);
    for (let times = 0; times < 10; times += 1) meter.arrived('message');
    clock.now += 600 * minute;
    expect(findings({ isOpen: false, bufferHeldMs: null })).toEqual([]);
  });

  it('a message that is processed for more than a minute, until its socket ends', () => {
    const { clock, meter, findings } = world();
    meter.processing();
    clock.now += 61_000;
    expect(findings()).toEqual(['inbound_stuck']);
    meter.socketEnded();
    expect(findings()).toEqual([]);
  });

  it('a storm when most of what arrives cannot be read, a few failures when it is little', () => {
    const { clock, meter, findings } = world();
    for (let times = 0; times < 60; times += 1) {
      meter.arrived('message');
      meter.decryptFailures.add();
    }
    expect(findings()).toEqual(['decrypt_storm', 'decrypt_failures']);
    for (let times = 0; times < 100; times += 1) meter.decrypted.add();
    expect(findings()).toEqual(['decrypt_failures']);
    clock.now += 6 * minute;
    meter.arrived('message');
    expect(findings()).toEqual([]);
  });

  it('missing acknowledgements until one comes, and slow ones', () => {
    const { meter, findings } = world();
    for (let times = 0; times < 3; times += 1) meter.ackMissed();
    expect(findings()).toEqual(['acks_missing']);
    meter.acknowledged(9_000);
    expect(findings()).toEqual(['acks_slow']);
  });

  it('keeps no more than a bounded amount, whatever happens', () => {
    const { clock, meter } = world();
    for (let times = 0; times < 200_000; times += 1) {
      meter.arrived('message');
      meter.processing()();
      meter.decryptFailures.add();
      meter.ack.add(times);
      clock.now += 3;
    }
    expect(JSON.stringify(meter, (_, value) => (value instanceof Set ? [...value] : value)).length).toBeLessThan(
      100_000,
    );
    expect(meter.decryptFailures.total).toBe(200_000);
  });
});

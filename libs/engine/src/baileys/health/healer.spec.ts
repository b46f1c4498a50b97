import type { HealingStep, HealthCode } from '#contracts';
import { Healer } from './healer.js';
import { defaultHealthLimits } from './limits.js';

function healer(changed: Partial<typeof defaultHealthLimits> = {}) {
  let now = 0;
  const done: string[] = [];
  const steps: HealingStep[] = [];
  const made = new Healer(
    {
      flush: () => done.push('flush'),
      probe: async () => done.push('probe') > 0,
      reconnect: (reason) => done.push(`reconnect: ${reason}`),
      recreate: (reason) => done.push(`recreate: ${reason}`),
    },
    { ...defaultHealthLimits, ...changed },
    (step) => steps.push(step),
    () => now,
  );
  const later = async (ms: number, ...findings: HealthCode[]) => {
    now += ms;
    await made.heal(findings);
  };
  return { made, done, steps, later };
}

describe('the healer', () => {
  it('takes the mildest step that can help', async () => {
    const { done, later } = healer();
    await later(0, 'buffer_held');
    await later(60_000, 'inbound_stuck');
    await later(60_000, 'decrypt_storm');
    expect(done).toEqual(['flush', 'reconnect: inbound_stuck', 'recreate: decrypt_storm']);
  });

  it('asks WhatsApp before it breaks a silence', async () => {
    const { done, later } = healer();
    await later(0, 'inbound_silent');
    expect(done).toEqual(['probe', 'reconnect: inbound_silent, although WhatsApp answers']);
  });

  it('takes a stronger step when the same finding comes back soon, and waits in between', async () => {
    const { steps, later } = healer();
    await later(0, 'acks_missing');
    await later(1_000, 'acks_missing');
    expect(steps).toEqual(['reconnect']);
    await later(30_000, 'acks_missing');
    expect(steps).toEqual(['reconnect', 'recreate']);
  });

  it('flushes again and again for a network that never says "complete", and reconnects only at the third time', async () => {
    const { steps, later } = healer();
    for (let times = 0; times < 4; times += 1) await later(10_000, 'buffer_held');
    expect(steps).toEqual(['flush', 'flush', 'flush', 'reconnect']);
  });

  it('does no more than an hour allows, says so, and goes on in the next hour', async () => {
    const { made, steps, later } = healer();
    for (let minute = 0; minute < 50; minute += 1) await later(60_000, 'acks_missing');
    expect(steps.filter((step) => step === 'reconnect').length).toBeLessThanOrEqual(4);
    expect(steps.filter((step) => step === 'recreate').length).toBe(2);
    expect(made.isExhausted).toBe(true);
    const before = steps.length;
    await later(3_600_000, 'acks_missing');
    expect(steps.length).toBe(before + 1);
    await later(60_000);
    expect(made.isExhausted).toBe(false);
  });

  it('does nothing about what no step would make better', async () => {
    const { steps, later } = healer();
    await later(0, 'acks_slow', 'pings_slow', 'reconnects_often', 'decrypt_failures');
    expect(steps).toEqual([]);
  });
});

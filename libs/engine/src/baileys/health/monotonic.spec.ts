import { monotonic } from './monotonic.js';

it('passes as time does, whatever the clock of the machine is set to', () => {
  const now = Date.now;
  const before = monotonic();
  try {
    Date.now = () => now() + 3_600_000;
    expect(monotonic() - before).toBeLessThan(60_000);
  } finally {
    Date.now = now;
  }
});

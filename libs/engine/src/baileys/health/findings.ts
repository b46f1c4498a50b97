import { type HealthCode, healthCodes } from '#contracts';
import type { HealthLimits } from './limits.js';
import type { HealthMeter } from './meter.js';

/** What is known of the present socket. */
export interface SocketFacts {
  isOpen: boolean;
  /** For how long the library has held back what it learnt. */
  bufferHeldMs: number | null;
}

/** What the figures mean, worst first. */
export function findingsOf(meter: HealthMeter, socket: SocketFacts, limits: HealthLimits): HealthCode[] {
  const failures = meter.decryptFailures.recent;
  const holds: Partial<Record<HealthCode, boolean>> = {
    acks_missing: meter.acksMissing >= limits.acksMissing,
    inbound_stuck: (meter.processingMs ?? 0) > limits.inboundStuckMs,
    decrypt_storm: failures >= limits.decryptStorm && failures > meter.decrypted.recent,
    decrypt_failures: failures >= limits.decryptFailures,
    buffer_held: (socket.bufferHeldMs ?? 0) > limits.bufferHeldMs,
    inbound_silent: socket.isOpen && meter.traffic.isOverdue,
    acks_slow: (meter.ack.read()?.p95Ms ?? 0) > limits.ackSlowMs,
    pings_slow: (meter.ping.read()?.p95Ms ?? 0) > limits.pingSlowMs,
    reconnects_often: meter.reconnects.recent >= limits.reconnectsOften,
  };
  const found = (Object.keys(holds) as HealthCode[]).filter((code) => holds[code]);
  const severity = (code: HealthCode) => (healthCodes[code].grade === 'unhealthy' ? 0 : 1);
  return found.sort((a, b) => severity(a) - severity(b));
}

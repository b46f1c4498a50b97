/**
 * How well a connection works, beyond being connected or not. Each finding has a stable code with its grade and a
 * sentence for people; the worst finding is the grade of the connection.
 */
export const healthGrades = ['healthy', 'degraded', 'unhealthy'] as const;
export type HealthGrade = (typeof healthGrades)[number];

export const healthCodes = {
  pings_slow: { grade: 'degraded', sentence: 'WhatsApp answers slowly.' },
  acks_slow: { grade: 'degraded', sentence: 'WhatsApp acknowledges sent messages slowly.' },
  acks_missing: { grade: 'unhealthy', sentence: 'WhatsApp does not acknowledge what is sent.' },
  inbound_silent: {
    grade: 'degraded',
    sentence: 'Nothing has arrived for much longer than is usual for this number.',
  },
  inbound_stuck: { grade: 'unhealthy', sentence: 'A message that arrived is not being processed.' },
  buffer_held: { grade: 'degraded', sentence: 'WhatsApp did not say that the offline messages are complete.' },
  decrypt_failures: { grade: 'degraded', sentence: 'Several messages could not be decrypted.' },
  decrypt_storm: { grade: 'unhealthy', sentence: 'Most messages cannot be decrypted.' },
  reconnects_often: { grade: 'degraded', sentence: 'The connection is lost again and again.' },
  healing_exhausted: {
    grade: 'unhealthy',
    sentence: 'Reconnecting did not help, and it is not tried again for a while.',
  },
} as const satisfies Record<string, { grade: HealthGrade; sentence: string }>;
export type HealthCode = keyof typeof healthCodes;

/**
 * What is done about a connection that does not work, from the mildest: `flush` lets go of facts that the library holds
 * back, `reconnect` opens another socket, `recreate` replaces the whole connection, which then reads all keys anew.
 */
export const healingSteps = ['flush', 'reconnect', 'recreate'] as const;
export type HealingStep = (typeof healingSteps)[number];

/** The worst grade among findings. */
export function gradeOf(findings: readonly HealthCode[]): HealthGrade {
  const grades = findings.map((code) => healthCodes[code].grade);
  if (grades.includes('unhealthy')) return 'unhealthy';
  return grades.includes('degraded') ? 'degraded' : 'healthy';
}

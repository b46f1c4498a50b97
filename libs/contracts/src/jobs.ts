/** Every recurring or queued job, once: its name, schedule and reason. Boot fails when a job has no processor. */
export const jobCatalogue = {
  'ensure-partitions': {
    everyMs: 6 * 3600_000,
    reason: 'Makes the monthly partitions of the big tables for this and the next two months.',
  },
  'sweep-expired': {
    everyMs: 10 * 60_000,
    reason: 'Removes idempotency keys, logins, journalled plaintexts and sent originals that have had their time.',
  },
  'expire-sends': {
    everyMs: 30_000,
    reason: 'Ends queued sends whose time is over as expired, also when no engine holds their profile.',
  },
  'wake-snoozed': {
    everyMs: 10_000,
    reason: 'Opens conversations whose snooze is over.',
  },
  'tend-uploads': {
    everyMs: 60_000,
    reason: 'Removes uploads that were not finished in time, and tells organizations that their room is used up.',
  },
  'privacy-requests': {
    everyMs: 3000,
    reason: 'Makes copies of personal data that were asked for, and carries out erasures that are due.',
  },
  'enforce-retention': {
    everyMs: 3600_000,
    reason: 'Removes what organizations do not want to keep any longer, and drops partitions that nobody keeps.',
  },
  'sweep-media': {
    everyMs: 24 * 3600_000,
    reason: 'Removes media that no message names: of refused requests, died processes and deleted profiles.',
  },
} as const satisfies Record<string, { everyMs: number; reason: string }>;

export type JobName = keyof typeof jobCatalogue;

/**
 * How long an organization keeps what. To add a kind: a line here, and a step in domain/privacy/retention-enforcer.ts.
 * Bounds in days; the defaults hold until an organization chooses.
 */
export const retentionCatalogue = {
  messages: {
    default: null,
    min: 1,
    max: 3650,
    describe:
      'Messages with their media, from the day they were stored, and the list of calls. What still waits to be sent stays.',
  },
  media: {
    default: null,
    min: 1,
    max: 3650,
    describe: 'Media files of messages; the messages stay and say what the file was.',
  },
  uploads: {
    default: 90,
    min: 1,
    max: 3650,
    describe: 'Uploaded files, from when they were last used in a message. Those that a template names stay.',
  },
  events: {
    default: 365,
    min: 7,
    max: 3650,
    describe: 'The event log. Readers that were away for longer than this miss what was removed.',
  },
  webhookDeliveries: {
    default: 90,
    min: 7,
    max: 3650,
    describe: 'The log of webhook calls with what endpoints answered. What is still to be delivered stays.',
  },
  hookRequests: {
    default: 30,
    min: 1,
    max: 365,
    describe: 'The log of requests to incoming hooks with what they said. What still waits to be worked on stays.',
  },
  audit: {
    default: 1095,
    min: 90,
    max: 3650,
    describe: 'The audit trail. The hash chain goes on from what was removed.',
  },
  sessions: {
    default: 30,
    min: 1,
    max: 365,
    describe: 'Login sessions after their end, with their addresses.',
  },
  exports: {
    default: 7,
    min: 1,
    max: 30,
    describe: 'Copies of personal data, from when they were ready. Applies to those made from then on.',
  },
} as const satisfies Record<string, { default: number | null; min: number; max: number; describe: string }>;

export type RetentionKind = keyof typeof retentionCatalogue;
export const retentionKinds = Object.keys(retentionCatalogue) as RetentionKind[];

/** Days by kind; null keeps for ever. */
export type RetentionDays = Record<RetentionKind, number | null>;

/** The kinds that may be kept for ever. */
export function mayKeepForEver(kind: RetentionKind): boolean {
  return kind !== 'sessions' && kind !== 'exports';
}

/** What was chosen, with the defaults where nothing was. */
export function completeRetention(chosen: Partial<RetentionDays> | null | undefined): RetentionDays {
  return Object.fromEntries(
    retentionKinds.map((kind) => [
      kind,
      chosen?.[kind] === undefined ? retentionCatalogue[kind].default : chosen[kind],
    ]),
  ) as RetentionDays;
}

import type { NewEvent } from '#contracts';
import type { ErasureRow } from '#database';

/** What stays after an erasure, and why. Part of every report, so that nobody has to guess. */
export const keptByKind: Record<ErasureRow['kind'], { what: string; why: string }[]> = {
  contact: [
    {
      what: 'Positions, times, ids and kinds of events in the log',
      why: 'Readers of the log rely on it having no gaps. Texts, names and numbers are taken out of them.',
    },
    {
      what: 'Entries of the audit trail without their personal fields',
      why: 'They prove that nobody tampered with the log, and that this erasure was done.',
    },
    {
      what: 'Answers that are kept, encrypted, for repeats with an Idempotency-Key',
      why: 'Without them a repeated request could send twice. They are gone within 24 hours.',
    },
    {
      what: 'Files that were stored within the last hour, that other messages name too, or that a deleted profile left',
      why: 'Files are shared by their content. Those that nothing names any more are removed within a day.',
    },
    {
      what: 'What was delivered to webhooks, to the phone of the contact, and to the linked phone',
      why: 'It is out of the reach of Waypost. Erase it there.',
    },
  ],
  user: [
    {
      what: 'What the person did for the organization, under an id that leads to nobody',
      why: 'It belongs to the organization.',
    },
    {
      what: 'Entries of the audit trail without name, address and client of the person',
      why: 'They prove who did what for the organization, and that nobody tampered with the log.',
    },
    {
      what: 'Counters of wrong guesses, under a hash',
      why: 'They protect accounts, name nobody, and expire by themselves.',
    },
  ],
  organization: [
    { what: 'This report', why: 'It proves that the erasure was done, and names nobody.' },
    { what: 'Log lines of the servers', why: 'They carry ids only, and are kept by the operator.' },
  ],
};

export function erasureEvent(
  name: 'erasure.scheduled' | 'erasure.cancelled' | 'erasure.completed' | 'erasure.failed',
  erasure: ErasureRow,
  actor: NewEvent['actor'],
): NewEvent {
  const { id, organizationId, kind, state, dueAt, error } = erasure;
  return {
    organizationId,
    profileId: null,
    name,
    actor,
    payload: { erasureId: id, kind, state, dueAt: dueAt.toISOString(), error },
  };
}

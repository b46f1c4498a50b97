import type { DeliveryState, EventActor, EventName } from '#contracts';
import type { MessageEventRow, MessageMilestones, MessageRow } from '#database';

/** One thing that happened to a message. */
export interface TimelineEntry {
  at: Date;
  /** The event; null where only the message itself remembers. */
  event: EventName | null;
  /** The state that it came to, of events that tell one. */
  state: DeliveryState | 'received' | null;
  reason: string | null;
  /** Which try to send it brought this about; null of what no try did. */
  attempt: number | null;
  actor: EventActor | null;
}

/** What ends a send, by its last try. */
const ends: ReadonlySet<TimelineEntry['state']> = new Set<TimelineEntry['state']>(['sent', 'failed', 'unknown']);

/**
 * What happened to a message: as the log tells it, and where the log does not reach back so far, the milestones that the
 * message itself keeps.
 */
export function timelineOf(
  message: MessageRow,
  { acceptedAt, attempts, tries }: MessageMilestones,
  events: MessageEventRow[],
): TimelineEntry[] {
  const told = events.map(
    ({ name, actor, at, payload }): TimelineEntry => ({
      at,
      event: name,
      state: stateOf(name, payload),
      reason: typeof payload.reason === 'string' ? payload.reason : null,
      attempt: null,
      actor,
    }),
  );
  const known = new Set(told.map(({ state }) => state));
  const kept = milestones(message, acceptedAt).filter(({ state }) => !known.has(state));
  const entries = [...kept, ...told];
  if (message.direction === 'outgoing' && attempts > 0) {
    for (const entry of entries) if (ends.has(entry.state)) entry.attempt = attempts;
  }
  return [...entries, ...tries.map(failedTry)].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** It went back into the queue. */
function failedTry({ attempt, at, reason }: MessageMilestones['tries'][number]): TimelineEntry {
  return { at: new Date(at), event: null, state: 'queued', reason, attempt, actor: null };
}

function stateOf(name: EventName, payload: Record<string, unknown>): TimelineEntry['state'] {
  if (name === 'message.queued') return 'queued';
  if (name === 'message.received') return 'received';
  if (name === 'message.sent_from_phone') return 'sent';
  // Of an action that was done to it, not its own.
  if (!name.startsWith('message.') || 'actionId' in payload) return null;
  return typeof payload.state === 'string' ? (payload.state as DeliveryState) : null;
}

function milestones(message: MessageRow, acceptedAt: Date): TimelineEntry[] {
  const entry = (state: TimelineEntry['state'], at: Date | null, reason: string | null = null): TimelineEntry[] =>
    at === null ? [] : [{ at, event: null, state, reason, attempt: null, actor: null }];
  if (message.direction === 'incoming') return entry('received', message.sentAt);
  const { state, stateReason, deliveredAt, readAt } = message;
  const ended = ['failed', 'cancelled', 'expired', 'unknown'].includes(state);
  const isSent = ['sent', 'delivered', 'read', 'played'].includes(state);
  return [
    ...entry('queued', acceptedAt),
    ...(isSent ? entry('sent', message.sentAt) : []),
    ...entry('delivered', deliveredAt),
    ...entry('read', readAt),
    // When it ended so is told by the log alone.
    ...(ended ? entry(state as DeliveryState, message.sentAt, stateReason) : []),
  ];
}

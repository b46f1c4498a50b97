/** What happened to scheduled messages: payloads of events. */

export interface ScheduledMessageChanged {
  scheduledMessageId: string;
  /** The recipient as it was given. */
  to: string;
  type: string;
  state: 'pending' | 'cancelled';
  /** When it is due next; null when it was cancelled. ISO 8601. */
  dueAt: string | null;
  /** Null: once. */
  rule: string | null;
}

interface Occurrence {
  scheduledMessageId: string;
  /** Which occurrence. ISO 8601, as is the next. */
  dueAt: string;
  /** Null when it was the last one. */
  nextAt: string | null;
}

export interface ScheduledMessageQueued extends Occurrence {
  messageId: string;
  conversationId: string;
}

export interface ScheduledMessageMissed extends Occurrence {
  /** How late it was noticed. */
  lateBySeconds: number;
}

export interface ScheduledMessageFailed extends Occurrence {
  /** Of the error catalogue. */
  code: string;
  reason: string;
}

/** Incoming hooks: what they do with a request, and the payloads of the events that tell of it. */

/** How a request came to a hook: from outside, as the repeat of an earlier one, or as a sample of the owner's. */
export const hookSources = ['received', 'replay', 'test'] as const;
export type HookSource = (typeof hookSources)[number];

/**
 * `queued`: stored, to be worked on now or again. `done`: every action that applied was carried out. `skipped`: no action
 * applied. `failed`: an action was refused, and the rest left. `rejected`: refused before it was read.
 */
export const hookRequestStates = ['queued', 'done', 'skipped', 'failed', 'rejected'] as const;
export type HookRequestState = (typeof hookRequestStates)[number];

export const hookActionKinds = [
  'send_message',
  'send_template',
  'upsert_contact',
  'add_tags',
  'remove_tags',
  'start_broadcast',
] as const;
export type HookActionKind = (typeof hookActionKinds)[number];

/** What became of one action. */
export interface HookActionResult {
  kind: HookActionKind;
  /** False when its conditions did not hold. */
  applied: boolean;
  /** Our id of the message that was queued. */
  messageId?: string;
  /** The contact that was kept or has other tags now; absent when no contact had the number. */
  contactId?: string;
  /** The broadcast that was made and started. */
  broadcastId?: string;
}

export interface HookReceived {
  hookId: string;
  /** What the hook is called. */
  name: string;
  requestId: string;
  source: HookSource;
}

export interface HookCompleted extends HookReceived {
  state: 'done' | 'skipped';
  /** One for each action of the hook, in their order. */
  results: HookActionResult[];
}

export interface HookFailed extends HookReceived {
  /** Which action failed, from 0; null when the request could not be read. */
  action: number | null;
  /** Code of the error catalogue. */
  code: string;
  message: string;
  /** What the actions before it did. */
  results: HookActionResult[];
}

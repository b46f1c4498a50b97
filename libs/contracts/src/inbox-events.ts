import type { ChatShown } from './events.js';

/** What people do with conversations among themselves, of which WhatsApp knows nothing: payloads of events. */

export const conversationStatuses = ['open', 'snoozed', 'closed'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];

/** A member of the organization, as the others see them. */
export interface MemberShown {
  userId: string;
  name: string;
}

interface AtConversation {
  conversationId: string;
  chat: ChatShown;
  /** ISO 8601. */
  at: string;
}

export interface ConversationAssigned extends AtConversation {
  /** Null: nobody has it any more. */
  assignee: MemberShown | null;
  /** Who had it before; null: nobody, or somebody who is gone. */
  previousUserId: string | null;
}

export interface ConversationStatusChanged extends AtConversation {
  status: ConversationStatus;
  previousStatus: ConversationStatus;
  /** Of a snoozed one: when it opens by itself. ISO 8601. */
  snoozedUntil: string | null;
  /** `message`: the other party wrote; `time`: its snooze was over. */
  because: 'asked' | 'message' | 'time';
}

/** What it says is read over the API, by who may. */
export interface ConversationNoteChanged extends AtConversation {
  noteId: string;
  authorUserId: string | null;
  /** Members who are named in it. */
  mentions: string[];
}

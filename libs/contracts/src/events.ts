import type {
  BroadcastChanged,
  BroadcastMissed,
  BroadcastProgressed,
  BroadcastReplied,
  BroadcastSenderChanged,
} from './broadcasts.js';
import type { ConnectionCode, ConnectionState } from './connection.js';
import type {
  AboutContact,
  ContactCreated,
  ContactMerged,
  ContactNumberChanged,
  ContactOptChanged,
  ContactPictureChanged,
  ContactTagged,
  ContactUpdated,
  TagDeleted,
  TagRenamed,
} from './contact-events.js';
import type { ImportProgress } from './contact-imports.js';
import type { MessageAction, MessageContent } from './content.js';
import type { DeliveryState } from './delivery-state.js';
import type {
  GroupInviteChanged,
  GroupJoined,
  GroupJoinRequested,
  GroupLeft,
  GroupMembersChanged,
  GroupUpdated,
  NewsletterCounted,
  NewsletterUpdated,
} from './group-events.js';
import type { HealingStep, HealthCode, HealthGrade } from './health.js';
import type { HookCompleted, HookFailed, HookReceived } from './hook-events.js';
import type { ConversationAssigned, ConversationNoteChanged, ConversationStatusChanged } from './inbox-events.js';
import type {
  ScheduledMessageChanged,
  ScheduledMessageFailed,
  ScheduledMessageMissed,
  ScheduledMessageQueued,
} from './schedule-events.js';
import type { SendHoldCode } from './send-holds.js';
import type {
  MediaInfected,
  StorageQuotaReached,
  UploadDeleted,
  UploadInfected,
  UploadRefused,
  UploadShown,
} from './upload-events.js';

/**
 * Every event of the log, once: name, version, payload and when it is written. To add one: an interface, a line in
 * `EventPayloads`, a line in `eventCatalogue`, and the `append` in the transaction of the change it tells of.
 */

/** Who caused an event. `hook` is a request to an incoming hook, `system` Waypost itself, `whatsapp` the network or the other person. */
export type EventActor =
  | { kind: 'user'; id: string }
  | { kind: 'api-key'; id: string }
  | { kind: 'hook'; id: string }
  | { kind: 'system' }
  | { kind: 'whatsapp' };

/** The parties of a message, as far as they are known. Phone numbers are digits without plus; LIDs without server. */
export interface MessageParty {
  personId: string | null;
  phone: string | null;
  lid: string | null;
  name: string | null;
}

export type ChatKind = 'user' | 'group' | 'newsletter' | 'broadcast' | 'status';

/** Where something is said: with one person, in a group, in a newsletter (channel), to a broadcast list, as a status. */
export interface ChatShown {
  kind: ChatKind;
  /** The chat's address as v1 clients know it. */
  id: string;
  /** What a group, newsletter or list is called; null for chats of two, whose person has a name, and while it is unknown. */
  name: string | null;
}

export interface MessageReceived {
  messageId: string;
  waMessageId: string;
  conversationId: string;
  /**
   * The chat's address as v1 clients know it: `<phone>@s.whatsapp.net` or `<lid>@lid`, `<id>@g.us`, `<id>@newsletter`,
   * `<id>@broadcast` or `status@broadcast`.
   */
  chatId: string;
  chat: ChatShown;
  /** Who wrote it; null for newsletters, whose posts have no author. */
  from: MessageParty | null;
  content: MessageContent;
  quotedWaMessageId: string | null;
  /** When WhatsApp says that it was sent, ISO 8601. */
  sentAt: string;
}

export interface MessageQueued {
  messageId: string;
  waMessageId: string;
  conversationId: string;
  chatId: string;
  chat: ChatShown;
  /** The other person of a chat of two; null for all others. */
  to: MessageParty | null;
  content: MessageContent;
  quotedWaMessageId: string | null;
  batchId: string | null;
  /** Earliest moment of sending, ISO 8601. */
  notBefore: string;
}

export interface MessageStateChanged {
  messageId: string;
  waMessageId: string;
  conversationId: string;
  chatId: string;
  state: DeliveryState;
  previousState: DeliveryState;
  /** Stable code of the reason for failed, cancelled, expired and unknown; null otherwise. */
  reason: string | null;
  batchId: string | null;
}

export interface MessageSentFromPhone extends Omit<MessageReceived, 'from'> {
  /** The other person of a chat of two; null for all others. */
  to: MessageParty | null;
}

/** What was done to a message that is there already. */
interface DoneToMessage {
  /** The message that it was done to. */
  messageId: string;
  waMessageId: string;
  conversationId: string;
  chatId: string;
  chat: ChatShown;
  /** Who did it; null when it was this account, here or on the phone. */
  by: MessageParty | null;
  /** By WhatsApp's clock, ISO 8601. */
  at: string;
}

export interface MessageReacted extends DoneToMessage {
  /** Null: the reaction was taken back. */
  emoji: string | null;
  previousEmoji: string | null;
}

export interface MessageEdited extends DoneToMessage {
  /** What it says now. */
  content: MessageContent;
  /** The words, or the caption, until then. */
  previousBody: string | null;
}

export interface MessageRevoked extends DoneToMessage {
  /** Whether the message was this account's own. */
  fromMe: boolean;
}

export interface MessagePinned extends DoneToMessage {
  /** ISO 8601; null: it is pinned no more. */
  pinnedUntil: string | null;
}

export interface MessageKept extends DoneToMessage {
  /** Whether it stays in the chat, whose messages disappear. */
  kept: boolean;
}

/** How many chose what, the most frequent first. */
export interface AnswerTally {
  value: string;
  count: number;
}

export interface PollVoted extends DoneToMessage {
  /** All options that this person has chosen now; none: the vote was taken back. */
  options: string[];
  /** Of the whole poll, this vote included. Options that nobody chose are absent. */
  tally: AnswerTally[];
}

export interface EventResponded extends DoneToMessage {
  response: 'going' | 'not_going' | 'maybe';
  extraGuests: number;
  /** Of all answers, this one included. */
  tally: AnswerTally[];
}

/** Something that this account wants done to a message, on its way to WhatsApp. */
export interface ActionQueued {
  /** Our id of the action: it has a state, like a message. */
  actionId: string;
  waMessageId: string;
  conversationId: string;
  chatId: string;
  /** The message that it is done to. */
  messageId: string;
  action: MessageAction;
}

export interface ActionChanged extends ActionQueued {
  state: DeliveryState;
  previousState: DeliveryState;
  /** Stable code of the reason for failed, cancelled, expired and unknown; null otherwise. */
  reason: string | null;
}

/** One step of one person. */
export interface PersonReceipt {
  messageId: string;
  waMessageId: string;
  person: MessageParty;
  state: 'delivered' | 'read' | 'played';
  /** ISO 8601. */
  at: string;
}

export interface MessageReceipts {
  conversationId: string;
  chatId: string;
  receipts: PersonReceipt[];
}

export interface HistorySynced {
  /** How many messages of the phone's history were stored now, in how many chats. */
  messages: number;
  conversations: number;
  /** When the oldest and the newest of them were sent, ISO 8601. */
  from: string;
  to: string;
}

export interface MediaStored {
  messageId: string;
  conversationId: string;
  content: MessageContent;
}

export interface MediaFailed {
  messageId: string;
  conversationId: string;
  /**
   * Stable code: `media_expired` (WhatsApp no longer has it, nor has the phone), `media_too_large`, or after some tries `media_damaged` or
   * `media_unavailable`.
   */
  reason: string;
  /** The same as a sentence. */
  explanation: string;
}

export interface ConversationMerged {
  /** The conversation that stays and now has all messages. */
  conversationId: string;
  /** The one that is gone. */
  mergedConversationId: string;
  personId: string;
}

export interface DesiredStateChanged {
  id: string;
  name: string;
  desiredState: 'connected' | 'disconnected' | 'logged_out';
}

export interface ConnectionChanged {
  state: ConnectionState;
  code: ConnectionCode;
  sentence: string;
  userAction: string;
  phoneNumber: string | null;
}

export interface QrChanged {
  /** ISO 8601. The code itself is a secret of the pairing and is not in the log; readers ask for the present one. */
  expiresAt: string;
  attempt: number;
}

export interface HealthChanged {
  grade: HealthGrade;
  /** Worst first; empty when all is well. */
  findings: { code: HealthCode; grade: HealthGrade; sentence: string }[];
}

export interface ConnectionHealed {
  step: HealingStep;
  /** What was found. */
  code: HealthCode;
  sentence: string;
  /** ISO 8601. */
  at: string;
}

export interface ProfileLinked {
  phoneNumber: string;
  lid: string | null;
  pushName: string | null;
}

export interface ConversationRead {
  conversationId: string;
  /** How many unread messages were marked. */
  count: number;
}

export interface TypingChanged {
  conversationId: string;
  person: MessageParty;
  state: 'composing' | 'recording' | 'paused';
}

export interface PresenceChanged {
  person: MessageParty;
  /** Whether the person has WhatsApp open. */
  online: boolean;
  /** ISO 8601; null when the person hides it. */
  lastSeenAt: string | null;
}

export interface SendingHeld {
  code: SendHoldCode;
  sentence: string;
  /** Not before this moment, ISO 8601. */
  until: string;
  /** What waits. */
  lanes: ('interactive' | 'campaign')[];
}

export interface TimeLocked {
  /** When it ends, or when one message tries whether it has; ISO 8601. */
  until: string;
  /** Whether that is WhatsApp's word. */
  isNamed: boolean;
  /** People who are not written to: those who never wrote, or also those who have not written lately. */
  scope: 'new' | 'unsolicited';
}

export interface SendPolicyUpdated {
  revision: number;
  /** The rules as they are now (see GET /profiles/:id/send-policy). */
  policy: Record<string, unknown>;
}

export interface BatchChanged {
  batchId: string;
  total: number;
  state: 'processing' | 'completed' | 'cancelled';
}

export interface Named {
  id: string;
  name: string;
}

export interface WebhookDisabled {
  webhookId: string;
  url: string;
  reason: string;
}

export interface SessionEnded {
  sessionId: string;
  userId: string;
  reason: 'logout' | 'refresh_reuse' | 'password_changed' | 'password_reset' | 'revoked';
}

/** Something about how a person logs in, or what they chose for themselves. */
export interface UserChanged {
  userId: string;
}

export interface TwoFactorChanged extends UserChanged {
  /** Whether a second factor is asked for from now on. */
  enabled: boolean;
}

export interface PasskeyChanged extends UserChanged {
  passkeyId: string;
  name: string;
}

/** What a member may do, or whether the member is one, has changed. */
export interface MemberChanged extends UserChanged {
  name: string;
}

export interface InvitationChanged {
  invitationId: string;
  email: string;
}

export interface ApiKeyChanged {
  apiKeyId: string;
  name: string;
  prefix: string;
}

export interface DataExportChanged {
  exportId: string;
  /** Whose copy it is: only they may have it. */
  userId: string;
  kind: 'user' | 'contact' | 'conversation';
  state: 'queued' | 'running' | 'ready' | 'failed' | 'expired';
  /** 0 to 100. */
  progress: number;
}

export interface ErasureChanged {
  erasureId: string;
  kind: 'user' | 'contact' | 'organization';
  state: 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled';
  /** When it begins, ISO 8601. */
  dueAt: string;
  /** Stable code of a failure. */
  error: string | null;
}

export interface RetentionEnforced {
  /** Rows removed, by kind of data. */
  removed: Record<string, number>;
}

export interface RetentionPolicyUpdated {
  /** Days by kind of data; null keeps for ever. */
  days: Record<string, number | null>;
}

/** How the account's owner set a chat, here or on the phone. Only what changed. */
export interface ConversationChanges {
  archived?: boolean;
  pinned?: boolean;
  /** ISO 8601, in the year 9999 for "always"; null: not muted. */
  mutedUntil?: string | null;
  markedUnread?: boolean;
  /** After how many seconds new messages disappear; null: they stay. */
  disappearsInSeconds?: number | null;
}

interface AboutConversation {
  conversationId: string;
  chat: ChatShown;
  /** When it was set, ISO 8601. */
  at: string;
}

export interface ConversationUpdated extends AboutConversation {
  changes: ConversationChanges;
}

export interface ConversationCleared extends AboutConversation {
  /** Messages that were sent until then are gone from the account's devices. ISO 8601. */
  upTo: string;
  keepsStarred: boolean;
}

export interface ConversationRemoved extends AboutConversation {
  upTo: string;
}

/** Something that only the account's own devices know of a message. */
export interface MessageMarked extends AboutConversation {
  messageId: string;
  waMessageId: string;
}

export interface MessageStarred extends MessageMarked {
  starred: boolean;
}

export interface LabelChanged {
  labelId: string;
  /** WhatsApp's number of it; null: it lives here, and WhatsApp knows nothing of it. */
  waLabelId: string | null;
  name: string;
  /** One of WhatsApp's, 0 to 19. */
  color: number;
}

export interface LabelMarked extends AboutConversation {
  labelId: string;
  name: string;
  /** Null: on the conversation itself. */
  waMessageId: string | null;
}

export interface CallChanged {
  callId: string;
  waCallId: string;
  from: MessageParty;
  /** The group that was called, as v1 clients know it; null for a call of two. */
  groupChatId: string | null;
  isVideo: boolean;
  /** WhatsApp's word for why it ended. */
  reason: string | null;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string | null;
}

/** The payload of each event. */
export interface EventPayloads {
  'message.queued': MessageQueued;
  'message.sent': MessageStateChanged;
  'message.delivered': MessageStateChanged;
  'message.read': MessageStateChanged;
  'message.played': MessageStateChanged;
  'message.failed': MessageStateChanged;
  'message.cancelled': MessageStateChanged;
  'message.expired': MessageStateChanged;
  'message.unknown': MessageStateChanged;
  'message.received': MessageReceived;
  'message.sent_from_phone': MessageSentFromPhone;
  'message.completed': MediaStored;
  'message.media_stored': MediaStored;
  'message.media_infected': MediaInfected;
  'message.media_failed': MediaFailed;
  'message.reacted': MessageReacted;
  'message.edited': MessageEdited;
  'message.revoked': MessageRevoked;
  'message.pinned': MessagePinned;
  'message.kept': MessageKept;
  'message.receipts': MessageReceipts;
  'poll.voted': PollVoted;
  'event.responded': EventResponded;
  'action.queued': ActionQueued;
  'action.changed': ActionChanged;
  'history.synced': HistorySynced;
  'conversation.read': ConversationRead;
  'conversation.merged': ConversationMerged;
  'conversation.updated': ConversationUpdated;
  'conversation.cleared': ConversationCleared;
  'conversation.removed': ConversationRemoved;
  'conversation.assigned': ConversationAssigned;
  'conversation.status_changed': ConversationStatusChanged;
  'conversation.note_added': ConversationNoteChanged;
  'conversation.note_changed': ConversationNoteChanged;
  'conversation.note_removed': ConversationNoteChanged;
  'message.starred': MessageStarred;
  'message.deleted_for_me': MessageMarked;
  'label.created': LabelChanged;
  'label.updated': LabelChanged;
  'label.deleted': LabelChanged;
  'label.attached': LabelMarked;
  'label.detached': LabelMarked;
  'contact.created': ContactCreated;
  'contact.deleted': AboutContact;
  'contact.tagged': ContactTagged;
  'contact.opted_out': ContactOptChanged;
  'contact.opted_in': ContactOptChanged;
  'contact.merged': ContactMerged;
  'import.queued': ImportProgress;
  'import.progress': ImportProgress;
  'import.completed': ImportProgress;
  'import.failed': ImportProgress;
  'import.cancelled': ImportProgress;
  'contact.updated': ContactUpdated;
  'contact_field.created': Named;
  'contact_field.updated': Named;
  'contact_field.deleted': Named;
  'segment.created': Named;
  'segment.updated': Named;
  'segment.deleted': Named;
  'tag.renamed': TagRenamed;
  'tag.deleted': TagDeleted;
  'contact.picture_changed': ContactPictureChanged;
  'contact.identity_changed': AboutContact;
  'contact.number_changed': ContactNumberChanged;
  'call.received': CallChanged;
  'call.accepted': CallChanged;
  'call.rejected': CallChanged;
  'call.missed': CallChanged;
  'call.ended': CallChanged;
  'group.joined': GroupJoined;
  'group.left': GroupLeft;
  'group.updated': GroupUpdated;
  'group.member_joined': GroupMembersChanged;
  'group.member_left': GroupMembersChanged;
  'group.member_role_changed': GroupMembersChanged;
  'group.join_requested': GroupJoinRequested;
  'group.join_request_ended': GroupJoinRequested;
  'group.invite_changed': GroupInviteChanged;
  'newsletter.updated': NewsletterUpdated;
  'newsletter.post_counted': NewsletterCounted;
  'typing.changed': TypingChanged;
  'presence.changed': PresenceChanged;
  'connection.changed': ConnectionChanged;
  'connection.qr_changed': QrChanged;
  'connection.health_changed': HealthChanged;
  'connection.healed': ConnectionHealed;
  'profile.linked': ProfileLinked;
  'profile.created': Named;
  'profile.updated': Named;
  'profile.deleted': Named;
  'profile.desired_state_changed': DesiredStateChanged;
  'sending.held': SendingHeld;
  'sending.resumed': { code: string };
  'sending.time_locked': TimeLocked;
  'sending.time_lock_ended': Record<string, never>;
  'sending.circuit_opened': { until: string };
  'sending.circuit_closed': Record<string, never>;
  'send_policy.updated': SendPolicyUpdated;
  'batch.started': BatchChanged;
  'batch.completed': BatchChanged;
  'batch.cancelled': BatchChanged;
  'broadcast.created': BroadcastChanged;
  'broadcast.updated': BroadcastChanged;
  'broadcast.deleted': BroadcastChanged;
  'broadcast.scheduled': BroadcastChanged;
  'broadcast.started': BroadcastChanged;
  'broadcast.paused': BroadcastChanged;
  'broadcast.resumed': BroadcastChanged;
  'broadcast.completed': BroadcastProgressed;
  'broadcast.cancelled': BroadcastChanged;
  'broadcast.failed': BroadcastChanged;
  'broadcast.progressed': BroadcastProgressed;
  'broadcast.replied': BroadcastReplied;
  'broadcast.sender_changed': BroadcastSenderChanged;
  'broadcast.missed': BroadcastMissed;
  'scheduled_message.created': ScheduledMessageChanged;
  'scheduled_message.updated': ScheduledMessageChanged;
  'scheduled_message.cancelled': ScheduledMessageChanged;
  'scheduled_message.queued': ScheduledMessageQueued;
  'scheduled_message.missed': ScheduledMessageMissed;
  'scheduled_message.failed': ScheduledMessageFailed;
  'webhook.created': Named;
  'webhook.updated': Named;
  'webhook.deleted': Named;
  'webhook.disabled': WebhookDisabled;
  'hook.created': Named;
  'hook.updated': Named;
  'hook.rotated': Named;
  'hook.deleted': Named;
  'hook.received': HookReceived;
  'hook.completed': HookCompleted;
  'hook.failed': HookFailed;
  'template.created': Named;
  'template.updated': Named;
  'template.deleted': Named;
  'upload.completed': UploadShown;
  'upload.refused': UploadRefused;
  'upload.infected': UploadInfected;
  'upload.deleted': UploadDeleted;
  'storage.quota_reached': StorageQuotaReached;
  'workspace.created': Named;
  'workspace.updated': Named;
  'workspace.deleted': Named;
  'account.created': Named;
  'account.updated': Named;
  'account.deleted': Named;
  'user.registered': Named;
  'user.email_verified': UserChanged;
  'user.email_changed': UserChanged;
  'user.password_changed': UserChanged;
  'user.preferences_changed': UserChanged;
  'user.two_factor_changed': TwoFactorChanged;
  'user.identity_linked': UserChanged;
  'user.identity_unlinked': UserChanged;
  'passkey.added': PasskeyChanged;
  'passkey.renamed': PasskeyChanged;
  'passkey.removed': PasskeyChanged;
  'organization.updated': Named;
  'organization.ownership_transferred': { fromUserId: string; toUserId: string };
  'member.joined': MemberChanged;
  'member.roles_changed': MemberChanged;
  'member.deactivated': MemberChanged;
  'member.reactivated': MemberChanged;
  'member.removed': MemberChanged;
  'invitation.created': InvitationChanged;
  'invitation.sent_again': InvitationChanged;
  'invitation.revoked': InvitationChanged;
  'invitation.accepted': InvitationChanged;
  'role.created': Named;
  'role.updated': Named;
  'role.deleted': Named;
  'session.started': { sessionId: string; userId: string };
  'session.ended': SessionEnded;
  'data_export.requested': DataExportChanged;
  'data_export.progressed': DataExportChanged;
  'data_export.completed': DataExportChanged;
  'data_export.failed': DataExportChanged;
  'erasure.scheduled': ErasureChanged;
  'erasure.cancelled': ErasureChanged;
  'erasure.completed': ErasureChanged;
  'erasure.failed': ErasureChanged;
  'retention_policy.updated': RetentionPolicyUpdated;
  'retention.enforced': RetentionEnforced;
  'api_key.created': ApiKeyChanged;
  'api_key.updated': ApiKeyChanged;
  'api_key.rotated': ApiKeyChanged;
  'api_key.revoked': ApiKeyChanged;
}

export type EventName = keyof EventPayloads;

interface EventEntry {
  version: number;
  /** When it is written, and what a reader may rely on then. */
  when: string;
  /** The name under which webhooks know it, where that is not its own. More names are in webhook-names.ts. */
  webhook?: string;
}

export const eventCatalogue: Record<EventName, EventEntry> = {
  'message.queued': {
    version: 1,
    when: 'A send was accepted and stored; it will end in a settled state.',
    webhook: 'message.queued',
  },
  'message.sent': { version: 1, when: 'The WhatsApp server acknowledged the message.', webhook: 'message.sent' },
  'message.delivered': {
    version: 1,
    when: "It reached the recipient's device; in a group the devices of all members.",
    webhook: 'message.delivered',
  },
  'message.read': {
    version: 1,
    when: 'The recipient read it (read receipts on); in a group all members did.',
    webhook: 'message.read',
  },
  'message.played': {
    version: 1,
    when: 'The recipient played the voice message or video; in a group all members did.',
    webhook: 'message.played',
  },
  'message.failed': {
    version: 1,
    when: 'It certainly was not delivered and will not be tried again; the reason says why.',
    webhook: 'message.failed',
  },
  'message.cancelled': { version: 1, when: 'It was cancelled before it was sent.', webhook: 'message.cancelled' },
  'message.expired': { version: 1, when: 'Its time ran out before it could be sent.', webhook: 'message.expired' },
  'message.unknown': {
    version: 1,
    when: 'It was put on the wire but no acknowledgement came before its time ran out; it may have arrived.',
    webhook: 'message.unknown',
  },
  'message.received': {
    version: 1,
    when: 'A message from another person was stored, before WhatsApp was told that it arrived.',
    webhook: 'message.received',
  },
  'message.sent_from_phone': {
    version: 1,
    when: 'A message that was typed on the phone or another linked device was stored.',
    webhook: 'message.sent_from_phone',
  },
  'message.completed': {
    version: 1,
    when: 'A message that could not be decrypted at first was delivered again and is now readable.',
    webhook: 'message.completed',
  },
  'message.media_stored': {
    version: 1,
    when: 'The media of a received message was downloaded, verified and stored.',
    webhook: 'message.media_stored',
  },
  'message.media_infected': {
    version: 1,
    when: 'The virus scanner found something in the media of a received message; the file is not given out.',
    webhook: 'message.media_infected',
  },
  'message.media_failed': {
    version: 1,
    when: 'The media of a received message could not be fetched and will not be tried again; the reason says why.',
    webhook: 'message.media_failed',
  },
  'message.reacted': {
    version: 1,
    when: 'Somebody reacted to a message, with another emoji than before, or took the reaction back.',
    webhook: 'message.reaction',
  },
  'message.edited': {
    version: 1,
    when: 'The author of a message gave it other words, or another caption.',
    webhook: 'message.edited',
  },
  'message.revoked': {
    version: 1,
    when: 'A message was deleted for everyone, by its author or an admin of the group.',
    webhook: 'message.deleted',
  },
  'message.pinned': {
    version: 1,
    when: 'A message was pinned in its chat, or unpinned.',
    webhook: 'message.pinned',
  },
  'message.kept': {
    version: 1,
    when: 'A message that would have disappeared is kept in its chat, or no longer.',
    webhook: 'message.kept',
  },
  'message.receipts': {
    version: 1,
    when: 'Members of a group, or viewers of a status, got, read or played messages of this account.',
    webhook: 'message.receipts',
  },
  'poll.voted': { version: 1, when: 'Somebody voted in a poll, or changed the vote.', webhook: 'poll.vote' },
  'event.responded': {
    version: 1,
    when: 'Somebody answered to an invitation in a chat, or changed the answer.',
    webhook: 'event.response',
  },
  'action.queued': {
    version: 1,
    when: 'A reaction, edit or other action on a message was accepted and stored; it will end in a settled state.',
    webhook: 'action.queued',
  },
  'action.changed': {
    version: 1,
    when: 'An accepted action was acknowledged by WhatsApp, or ended otherwise; the reason says why.',
    webhook: 'action.update',
  },
  'history.synced': {
    version: 1,
    when: 'A part of the history of the phone was stored. Its messages are old: nobody is told of each.',
    webhook: 'history.synced',
  },
  'conversation.read': {
    version: 1,
    when: 'Unread messages of a conversation were marked read, here or on the phone.',
    webhook: 'conversation.read',
  },
  'conversation.merged': {
    version: 1,
    when: 'A phone number and a LID turned out to be one person; the messages of the two chats are in one now.',
    webhook: 'conversation.merged',
  },
  'conversation.updated': {
    version: 1,
    when: 'A chat was archived, pinned, muted, marked or got another timer, here or on the phone.',
    webhook: 'conversation.updated',
  },
  'conversation.cleared': {
    version: 1,
    when: "The messages of a chat were removed from the account's devices; others keep theirs.",
    webhook: 'conversation.cleared',
  },
  'conversation.removed': {
    version: 1,
    when: "A chat was taken out of the list of the account's devices; a later message brings it back.",
    webhook: 'conversation.removed',
  },
  'conversation.assigned': {
    version: 1,
    when: 'A conversation was given to a member, or to nobody any more.',
    webhook: 'conversation.assigned',
  },
  'conversation.status_changed': {
    version: 1,
    when: 'A conversation was opened, snoozed or closed: by somebody, by a message, or by its time.',
    webhook: 'conversation.status_changed',
  },
  'conversation.note_added': {
    version: 1,
    when: 'A member wrote an internal note about a conversation.',
    webhook: 'conversation.note_added',
  },
  'conversation.note_changed': {
    version: 1,
    when: 'An internal note has other words.',
    webhook: 'conversation.note_changed',
  },
  'conversation.note_removed': {
    version: 1,
    when: 'An internal note was deleted.',
    webhook: 'conversation.note_removed',
  },
  'message.starred': {
    version: 1,
    when: 'A message was starred, or is starred no more, here or on the phone.',
    webhook: 'message.starred',
  },
  'message.deleted_for_me': {
    version: 1,
    when: "A message was removed from the account's own devices only.",
    webhook: 'message.deleted_for_me',
  },
  'label.created': { version: 1, when: 'A label was made, here or on the phone.', webhook: 'label.created' },
  'label.updated': { version: 1, when: 'A label has another name or colour.', webhook: 'label.updated' },
  'label.deleted': {
    version: 1,
    when: 'A label was deleted; it is on nothing any more.',
    webhook: 'label.deleted',
  },
  'label.attached': { version: 1, when: 'A label was put on a chat or a message.', webhook: 'label.attached' },
  'label.detached': { version: 1, when: 'A label was taken off a chat or a message.', webhook: 'label.detached' },
  'contact.created': {
    version: 1,
    when: 'Somebody became a contact: by a user, the API, an import or a first message. Whom the phone has saved comes as `contact.updated`.',
    webhook: 'contact.created',
  },
  'contact.deleted': {
    version: 1,
    when: 'A contact was taken out of the address book; its conversation stays.',
    webhook: 'contact.deleted',
  },
  'contact.tagged': { version: 1, when: 'A contact got tags, or lost some.', webhook: 'contact.tagged' },
  'contact.opted_out': {
    version: 1,
    when: 'A contact wants no more campaigns.',
    webhook: 'contact.opted_out',
  },
  'contact.opted_in': {
    version: 1,
    when: 'A contact who wanted no campaigns may have them again.',
    webhook: 'contact.opted_in',
  },
  'contact.merged': {
    version: 1,
    when: 'Two contacts are one now; the conversation with each stays what it is.',
    webhook: 'contact.merged',
  },
  'import.queued': { version: 1, when: 'Somebody asked for a file of contacts to be imported.' },
  'import.progress': {
    version: 1,
    when: 'An import went on: once a second at most. The counts are of what is committed.',
  },
  'import.completed': {
    version: 1,
    when: 'All rows of an import are done with; which of them failed is in its report.',
    webhook: 'import.completed',
  },
  'import.failed': {
    version: 1,
    when: 'An import ended before its last row; what was imported until then stays.',
    webhook: 'import.failed',
  },
  'import.cancelled': {
    version: 1,
    when: 'Somebody stopped an import; what was imported until then stays.',
    webhook: 'import.cancelled',
  },
  'contact_field.created': { version: 1, when: 'A custom field of contacts was defined.' },
  'contact_field.updated': { version: 1, when: 'The definition of a custom field of contacts was changed.' },
  'contact_field.deleted': {
    version: 1,
    when: 'The definition of a custom field of contacts was deleted; its values stay.',
  },
  'segment.created': { version: 1, when: 'A segment of contacts was made.' },
  'segment.updated': { version: 1, when: 'A segment of contacts was changed.' },
  'segment.deleted': { version: 1, when: 'A segment of contacts was deleted; the contacts stay.' },
  'tag.renamed': { version: 1, when: 'A tag has another name on all contacts of a profile.' },
  'tag.deleted': { version: 1, when: 'A tag was taken off all contacts of a profile.' },
  'contact.updated': {
    version: 1,
    when: 'Another name, about text or custom field of a person became known, or the person was blocked or unblocked.',
    webhook: 'contact.update',
  },
  'contact.picture_changed': {
    version: 1,
    when: 'A person has another picture, or none any more.',
    webhook: 'contact.picture_changed',
  },
  'contact.identity_changed': {
    version: 1,
    when: 'A person installed WhatsApp anew: whoever compared security codes has to do it again.',
    webhook: 'contact.identity_changed',
  },
  'contact.number_changed': {
    version: 1,
    when: 'A person has another phone number; the conversation goes on.',
    webhook: 'contact.number_changed',
  },
  'call.received': { version: 1, when: 'Somebody calls this account; it rings.', webhook: 'call.received' },
  'call.accepted': { version: 1, when: 'A call was answered on a device of this account.', webhook: 'call.accepted' },
  'call.rejected': { version: 1, when: 'A call was refused, here or on the phone.', webhook: 'call.rejected' },
  'call.missed': { version: 1, when: 'A call ended before anybody answered it.', webhook: 'call.missed' },
  'call.ended': { version: 1, when: 'A call that was answered is over.', webhook: 'call.ended' },
  'group.joined': {
    version: 1,
    when: 'This account came into a group, made one, or was found to be in one that was not known.',
    webhook: 'group.joined',
  },
  'group.left': {
    version: 1,
    when: 'This account left a group, was removed from it, or the group ended.',
    webhook: 'group.left',
  },
  'group.updated': {
    version: 1,
    when: 'The subject, description or a setting of a group is another now.',
    webhook: 'group.update',
  },
  'group.member_joined': {
    version: 1,
    when: 'Others came into a group that this account is in, or were added.',
    webhook: 'group.join',
  },
  'group.member_left': {
    version: 1,
    when: 'Others left a group that this account is in, or were removed.',
    webhook: 'group.leave',
  },
  'group.member_role_changed': {
    version: 1,
    when: 'Members of a group became admins, or are no admins any more; this account may be one of them.',
    webhook: 'group.member_role_changed',
  },
  'group.join_requested': {
    version: 1,
    when: 'Somebody asks to be let into a group that this account rules.',
    webhook: 'group.join_requested',
  },
  'group.join_request_ended': {
    version: 1,
    when: 'Somebody who asked to be let in took that back or was refused.',
    webhook: 'group.join_request_ended',
  },
  'group.invite_changed': {
    version: 1,
    when: 'The invite link of a group was replaced; the old one leads nowhere.',
    webhook: 'group.invite_changed',
  },
  'newsletter.updated': {
    version: 1,
    when: 'A newsletter was changed or deleted, or this account follows, rules or mutes it otherwise than before.',
    webhook: 'newsletter.updated',
  },
  'newsletter.post_counted': {
    version: 1,
    when: 'The server counted reactions and views of a post; told while live updates were asked for.',
    webhook: 'newsletter.post_counted',
  },
  'presence.changed': {
    version: 1,
    when: 'A person whose presence this profile follows came online or left.',
    webhook: 'presence.update',
  },
  'typing.changed': {
    version: 1,
    when: 'The other person, or a member of a group, started or stopped typing or recording.',
    webhook: 'typing.changed',
  },
  'connection.changed': { version: 1, when: "A profile's connection state changed.", webhook: 'connection.update' },
  'connection.health_changed': {
    version: 1,
    when: 'What is found about how well a connection works is something else than before; an empty list when all is well.',
    webhook: 'connection.health',
  },
  'connection.healed': {
    version: 1,
    when: 'A connection did not work although it was up, and a step was taken: held events were let go, a new socket was opened, or keys were read anew too.',
    webhook: 'connection.healed',
  },
  'connection.qr_changed': { version: 1, when: 'A new QR code is waiting to be scanned.', webhook: 'connection.qr' },
  'profile.linked': {
    version: 1,
    when: 'A phone linked the profile; it now has a number.',
  },
  'profile.created': { version: 1, when: 'A profile was created.' },
  'profile.updated': { version: 1, when: 'A profile was changed.' },
  'profile.deleted': { version: 1, when: 'A profile was deleted. Its stream ends with this event.' },
  'profile.desired_state_changed': {
    version: 1,
    when: 'Somebody asked for a profile to be connected, disconnected or logged out; the engine makes it so.',
  },
  'sending.held': {
    version: 1,
    when: 'Messages that are due are held back for this reason from now on; told once for each reason, not for each message.',
    webhook: 'sending.held',
  },
  'sending.resumed': {
    version: 1,
    when: 'This reason holds nothing back any more.',
    webhook: 'sending.resumed',
  },
  'sending.time_locked': {
    version: 1,
    when: 'WhatsApp refuses messages of this number that open chats (463). Those rest until then; the others go on.',
    webhook: 'sending.time_locked',
  },
  'sending.time_lock_ended': {
    version: 1,
    when: 'The number may open chats again; what waited goes out.',
    webhook: 'sending.time_lock_ended',
  },
  'sending.circuit_opened': {
    version: 1,
    when: 'Too many messages outside the service window failed; those rest until then, and one tries whether it works again.',
    webhook: 'sending.circuit_opened',
  },
  'sending.circuit_closed': {
    version: 1,
    when: 'A message outside the service window went through again; the others go on.',
    webhook: 'sending.circuit_closed',
  },
  'send_policy.updated': { version: 1, when: 'The rules were changed by which a profile sends.' },
  'batch.started': {
    version: 1,
    when: 'A bulk request was accepted; all its messages are queued.',
    webhook: 'batch.started',
  },
  'batch.completed': { version: 1, when: 'Every message of a batch is settled.', webhook: 'batch.completed' },
  'batch.cancelled': {
    version: 1,
    when: 'A batch was cancelled; what had not been sent will not be.',
    webhook: 'batch.cancelled',
  },
  'broadcast.created': {
    version: 1,
    when: 'A broadcast was created: as a draft, or as the occurrence of one that repeats.',
    webhook: 'broadcast.created',
  },
  'broadcast.updated': {
    version: 1,
    when: 'A broadcast that had not begun, or rested, was changed.',
    webhook: 'broadcast.updated',
  },
  'broadcast.deleted': {
    version: 1,
    when: 'A broadcast was deleted with its list of recipients; its messages stay.',
    webhook: 'broadcast.deleted',
  },
  'broadcast.scheduled': {
    version: 1,
    when: 'A broadcast was scheduled; it starts by itself at its time, or makes a broadcast at each of its times.',
    webhook: 'broadcast.scheduled',
  },
  'broadcast.started': {
    version: 1,
    when: 'A broadcast was started; its recipients are written down and queued from now on.',
    webhook: 'broadcast.started',
  },
  'broadcast.paused': {
    version: 1,
    when: 'A broadcast was paused: nothing of it goes out but what is on the wire at this moment.',
    webhook: 'broadcast.paused',
  },
  'broadcast.resumed': { version: 1, when: 'A paused or failed broadcast goes on.', webhook: 'broadcast.resumed' },
  'broadcast.completed': {
    version: 1,
    when: 'Every recipient of a broadcast has a settled state; receipts may still move the figures.',
    webhook: 'broadcast.completed',
  },
  'broadcast.cancelled': {
    version: 1,
    when: 'A broadcast was cancelled; what had not been sent will not be.',
    webhook: 'broadcast.cancelled',
  },
  'broadcast.failed': {
    version: 1,
    when: 'A broadcast stopped because it cannot go on, such as without its number; the reason says why. It can be resumed.',
    webhook: 'broadcast.failed',
  },
  'broadcast.progressed': {
    version: 1,
    when: 'The figures of a broadcast changed; told every few seconds at most, not for each message.',
    webhook: 'broadcast.progressed',
  },
  'broadcast.replied': {
    version: 1,
    when: 'A recipient of a broadcast wrote within its reply window, the first time.',
    webhook: 'broadcast.replied',
  },
  'broadcast.sender_changed': {
    version: 1,
    when: 'A number of a broadcast can no longer send, or can again; the reason says why.',
    webhook: 'broadcast.sender_changed',
  },
  'broadcast.missed': {
    version: 1,
    when: 'A broadcast, or an occurrence of one that repeats, was left out: nobody could begin it within its late window.',
    webhook: 'broadcast.missed',
  },
  'scheduled_message.created': {
    version: 1,
    when: 'A message was scheduled.',
    webhook: 'scheduled_message.created',
  },
  'scheduled_message.updated': {
    version: 1,
    when: 'A scheduled message was changed before it was due.',
    webhook: 'scheduled_message.updated',
  },
  'scheduled_message.cancelled': {
    version: 1,
    when: 'A scheduled message was cancelled; nothing more comes of it.',
    webhook: 'scheduled_message.cancelled',
  },
  'scheduled_message.queued': {
    version: 1,
    when: 'An occurrence became a message, in the same transaction; `message.*` tell of it from here on.',
    webhook: 'scheduled_message.queued',
  },
  'scheduled_message.missed': {
    version: 1,
    when: 'An occurrence, and those after it up to now, came longer ago than its late window; they are left out.',
    webhook: 'scheduled_message.missed',
  },
  'scheduled_message.failed': {
    version: 1,
    when: 'An occurrence could not become a message; the payload says why.',
    webhook: 'scheduled_message.failed',
  },
  'webhook.created': { version: 1, when: 'A webhook was created.' },
  'webhook.updated': { version: 1, when: 'A webhook was changed.' },
  'hook.created': { version: 1, when: 'An incoming hook was created.' },
  'hook.updated': { version: 1, when: 'An incoming hook was changed.' },
  'hook.rotated': {
    version: 1,
    when: 'An incoming hook has another address; the old one ends after the overlap that was chosen.',
  },
  'hook.deleted': { version: 1, when: 'An incoming hook was deleted.' },
  'hook.received': {
    version: 1,
    when: 'A request to an incoming hook was stored; it will be worked on.',
    webhook: 'hook.received',
  },
  'hook.completed': {
    version: 1,
    when: 'The actions of an incoming hook were carried out for a request, or none of them applied.',
    webhook: 'hook.completed',
  },
  'hook.failed': {
    version: 1,
    when: 'A request to an incoming hook could not be worked on to its end and will not be tried again; the code says why.',
    webhook: 'hook.failed',
  },
  'template.created': { version: 1, when: 'A template was created, or made as a copy of another.' },
  'template.updated': { version: 1, when: 'A template was changed.' },
  'template.deleted': { version: 1, when: 'A template was deleted.' },
  'upload.completed': { version: 1, when: 'The last byte of an upload came, and the file can be sent.' },
  'upload.refused': {
    version: 1,
    when: 'All of a resumable upload came, but its file is not taken: too large for its kind, or of a kind that is refused.',
  },
  'upload.infected': { version: 1, when: 'The virus scanner found something in an uploaded file; it cannot be sent.' },
  'upload.deleted': {
    version: 1,
    when: 'An upload was deleted, by somebody or because it was not finished or not used in time.',
  },
  'storage.quota_reached': {
    version: 1,
    when: 'The media of an organization take more room than they may. What is received is stored all the same; uploads and sends with files are refused.',
  },
  'webhook.deleted': { version: 1, when: 'A webhook was deleted.' },
  'webhook.disabled': {
    version: 1,
    when: 'A webhook was switched off because its endpoint said 410 or failed for days.',
  },
  'workspace.created': { version: 1, when: 'A workspace was created.' },
  'workspace.updated': { version: 1, when: 'A workspace was changed.' },
  'workspace.deleted': { version: 1, when: 'A workspace was deleted.' },
  'account.created': { version: 1, when: 'An account was created.' },
  'account.updated': { version: 1, when: 'An account was changed.' },
  'account.deleted': { version: 1, when: 'An account was deleted.' },
  'user.registered': { version: 1, when: 'A person registered.' },
  'user.email_verified': { version: 1, when: 'A person showed that mail to their address reaches them.' },
  'user.email_changed': {
    version: 1,
    when: 'A person has another e-mail address; it is their login name from now on.',
  },
  'user.password_changed': { version: 1, when: 'A person has a new password; the old one is refused from now on.' },
  'user.preferences_changed': { version: 1, when: 'A person changed the own preferences.' },
  'user.two_factor_changed': {
    version: 1,
    when: 'A person set up or removed an authenticator app, or the first or last passkey.',
  },
  'user.identity_linked': { version: 1, when: 'A person can log in through the identity provider from now on.' },
  'user.identity_unlinked': { version: 1, when: 'A person can no longer log in through the identity provider.' },
  'passkey.added': { version: 1, when: 'A person registered a passkey.' },
  'passkey.renamed': { version: 1, when: 'A person gave a passkey another name.' },
  'passkey.removed': { version: 1, when: 'A person removed a passkey; it is refused from now on.' },
  'organization.updated': { version: 1, when: 'The name or the settings of the organization were changed.' },
  'organization.ownership_transferred': {
    version: 1,
    when: 'An owner made another member owner and is none any more.',
  },
  'member.joined': { version: 1, when: 'A person became a member, by accepting an invitation.' },
  'member.roles_changed': { version: 1, when: 'Roles were given to a member or taken away; it acts at once.' },
  'member.deactivated': {
    version: 1,
    when: 'A member was deactivated: sessions and API keys are refused from now on, and their sockets closed.',
  },
  'member.reactivated': { version: 1, when: 'A deactivated member may log in again, and the API keys work again.' },
  'member.removed': { version: 1, when: 'A member was removed, with sessions and API keys.' },
  'invitation.created': { version: 1, when: 'A person was invited.' },
  'invitation.sent_again': { version: 1, when: 'An invitation was sent again with a new link; the old one is void.' },
  'invitation.revoked': { version: 1, when: 'An invitation was withdrawn; its link is void.' },
  'invitation.accepted': { version: 1, when: 'An invitation was accepted.' },
  'role.created': { version: 1, when: 'A role was made.' },
  'role.updated': { version: 1, when: 'A role was changed; it acts at once for all who have it.' },
  'role.deleted': { version: 1, when: 'A role that nobody had was deleted.' },
  'session.started': { version: 1, when: 'A person logged in.' },
  'session.ended': { version: 1, when: 'A login session ended; its tokens are refused from now on.' },
  'data_export.requested': { version: 1, when: 'Somebody asked for a copy of personal data.' },
  'data_export.progressed': { version: 1, when: 'The making of a copy of personal data came a good step further.' },
  'data_export.completed': { version: 1, when: 'A copy of personal data can be fetched by who asked for it.' },
  'data_export.failed': { version: 1, when: 'A copy of personal data could not be made, after several tries.' },
  'erasure.scheduled': { version: 1, when: 'An erasure of personal data was asked for; it begins when it is due.' },
  'erasure.cancelled': { version: 1, when: 'An erasure of personal data was cancelled before it was due.' },
  'erasure.completed': { version: 1, when: 'Personal data were erased; the report says what.' },
  'erasure.failed': { version: 1, when: 'An erasure could not be carried out; the error says why.' },
  'retention_policy.updated': { version: 1, when: 'Somebody changed how long data are kept.' },
  'retention.enforced': { version: 1, when: 'Data that had had their time were removed.' },
  'api_key.created': { version: 1, when: 'An API key was created.' },
  'api_key.updated': { version: 1, when: 'The name or the limits of an API key were changed; it acts at once.' },
  'api_key.rotated': {
    version: 1,
    when: 'An API key has a new secret; the old one is refused after the overlap that was chosen.',
  },
  'api_key.revoked': { version: 1, when: 'An API key was revoked; it is refused from now on.' },
};

/** One row of the log, typed by its name. */
export type LoggedEvent<N extends EventName = EventName> = {
  [K in N]: {
    id: string;
    organizationId: string;
    /** The profile, or null for facts of the organization. */
    profileId: string | null;
    conversationId: string | null;
    /** The profile's id, or the organization's when there is no profile: the scope of `seq`. */
    streamId: string;
    /** Position in the stream: 1, 2, 3 … without gaps. */
    seq: number;
    name: K;
    version: number;
    actor: EventActor;
    occurredAt: Date;
    payload: EventPayloads[K];
  };
}[N];

/** What a change hands to the log; position, id and version are given by it. */
export interface NewEvent<N extends EventName = EventName> {
  organizationId: string;
  profileId: string | null;
  conversationId?: string | null;
  name: N;
  actor: EventActor;
  payload: EventPayloads[N];
}

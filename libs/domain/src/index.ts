// broadcasts

export { variableName } from './broadcasts/audience-columns.js';
export { type AudienceFileGiven, AudienceFiles, type AudienceGiven } from './broadcasts/audience-files.js';
export { BroadcastControl, type ScheduleWanted, type StartedBroadcast } from './broadcasts/broadcast-control.js';
export { BroadcastCopies } from './broadcasts/broadcast-copies.js';
export { type BroadcastEstimate, BroadcastEstimates } from './broadcasts/broadcast-estimates.js';
export type { BroadcastFigures, ReasonCount } from './broadcasts/broadcast-figures.js';
export { BroadcastPreparer } from './broadcasts/broadcast-preparer.js';
export { BroadcastReports } from './broadcasts/broadcast-reports.js';
export { BroadcastRunner } from './broadcasts/broadcast-runner.js';
export { comingOccurrences } from './broadcasts/broadcast-series.js';
export { BroadcastTrials } from './broadcasts/broadcast-trials.js';
export { type BroadcastChanges, type BroadcastDraft, Broadcasts, type BroadcastView } from './broadcasts/broadcasts.js';
export { GroupRosters } from './broadcasts/group-rosters.js';
// contact imports

export { isTarget, type Mapping } from './contact-imports/column-mapping.js';
export { ContactExports, type ExportedContact } from './contact-imports/contact-exports.js';
export { ContactImports, type ImportDraft } from './contact-imports/contact-imports.js';
export {
  type ContactGiven,
  type DirectImport,
  DirectImports,
  type DirectOptions,
} from './contact-imports/direct-imports.js';
export { ImportRunner } from './contact-imports/import-runner.js';
export { isCountry, readPhone } from './contact-imports/read-phone.js';
// contacts
export { addContacts, type GivenContact, type KeptContacts } from './contacts/add-contacts.js';
export { type AddressBookSync, AddressBooks } from './contacts/address-book-sync.js';
export { Blocking } from './contacts/blocking.js';
export { ContactActivities, type ContactActivity } from './contacts/contact-activity.js';
export { contactEvents } from './contacts/contact-events.js';
export { type ContactFieldDraft, ContactFields } from './contacts/contact-fields.service.js';
export { ContactPictures } from './contacts/contact-pictures.js';
export {
  type ContactChanges,
  type ContactDetails,
  type ContactDraft,
  type ContactQuery,
  Contacts,
} from './contacts/contacts.service.js';
export { checkCustomFields, readCustomFields, readFieldRules, readTags } from './contacts/custom-fields.js';
export { type DuplicateCandidates, Duplicates, MERGED_AT_ONCE } from './contacts/duplicates.js';
export {
  CHECK_MAX_AGE_HOURS,
  type CheckedNumber,
  NUMBERS_AT_ONCE,
  type NumberCheckOutcome,
  NumberChecks,
} from './contacts/number-checks.js';
export { changeOptOut, type OptOutChange } from './contacts/opt-outs.js';
export { type SegmentDraft, Segments } from './contacts/segments.service.js';
export { type BulkTagged, type BulkTagging, NAMED_AT_ONCE, TAGGED_AT_ONCE, Tags } from './contacts/tags.service.js';
// delivery
export { DeliveryPlanner } from './delivery/delivery-planner.js';
export { DisableNotices } from './delivery/disable-notices.js';
export { WebhookBodies } from './delivery/webhook-bodies.js';
export { WebhookCaller } from './delivery/webhook-call.js';
export { type DelivererOptions, WebhookDeliverer } from './delivery/webhook-deliverer.js';
export type { WebhookChanges, WebhookDraft, WebhookFacts } from './delivery/webhook-draft.js';
export { type OpenedDelivery, type RedeliveryDraft, WebhookLog } from './delivery/webhook-log.js';
export { WebhookMediaLinks } from './delivery/webhook-media-links.js';
export { type WebhookBody, webhookBody } from './delivery/webhook-payload.js';
export { WebhookRedeliverer } from './delivery/webhook-redeliverer.js';
export { secretLength } from './delivery/webhook-secret.js';
export {
  type LatencyFacts,
  mostStatisticsDays,
  type WebhookFigures,
  WebhookStatistics,
  type WebhookStatisticsFacts,
} from './delivery/webhook-statistics.js';
export { Webhooks, type WebhookTestResult, type WebhookWithSecret } from './delivery/webhooks.js';
export { factHandlers } from './facts/fact-handlers.js';
export { FactRecorder } from './facts/fact-recorder.js';
export { PresenceRecorder } from './facts/presence-recorder.js';
// governor
export { policyBounds } from './governor/policy-rules.js';
export { type HoldView, holdView, type LimitUse, type PolicyState } from './governor/policy-state.js';
export { standings } from './governor/send-class.js';
export { SendPolicies } from './governor/send-policies.js';
export { defaultSendPolicy, type SendPolicy } from './governor/send-policy.js';
// messaging: the callers' side
export type { GroupName, GroupRef } from './groups/at-group.js';
export { Communities, type CommunityGroupMade, type CommunityGroupShown } from './groups/communities.js';
export { GroupAdmin, type GroupSettings } from './groups/group-admin.js';
export { GroupInvitations } from './groups/group-invitations.js';
export {
  type GroupDetails,
  type GroupDraft,
  Groups,
  type MemberAction,
  type MemberOutcome,
} from './groups/groups.service.js';
export { ActionCarrier } from './hooks/action-carrier.js';
export { checkedActions } from './hooks/hook-action-checks.js';
export type { HookAction, PlannedAction } from './hooks/hook-actions.js';
export { conditionOperators } from './hooks/hook-conditions.js';
export { type DryRunOfAction, HookLog, type HookSample, type LoggedHookRequest } from './hooks/hook-log.js';
export { hookMessageKinds } from './hooks/hook-message.js';
export { HookReceiver, MAX_HOOK_BODY, type ReceivedRequest } from './hooks/hook-receiver.js';
export { HookRunner } from './hooks/hook-runner.js';
export { type DeduplicateBy, defaultRatePerMinute, type Hook, type HookDraft } from './hooks/hook-settings.js';
export { defaultToleranceSeconds, type VerificationKind, verificationKinds } from './hooks/hook-verification.js';
export { type HookChanges, Hooks, type ShownHook } from './hooks/hooks.js';
export { accessEffect } from './identity/access-effect.js';
// identity
export { type AccessClaims, AccessTokens, accessTokenRules, tokenError } from './identity/access-tokens.js';
export { type AccountDraft, Accounts } from './identity/accounts.service.js';
export { hashSecret, makeApiKey } from './identity/api-key-format.js';
export { type AnsweredCall, ApiKeyRecord } from './identity/api-key-record.js';
export { type ApiKeyDraft, ApiKeys } from './identity/api-keys.service.js';
export { Authenticator, type ShownCredentials } from './identity/authenticator.js';
export type { ClientInfo } from './identity/client-info.js';
export { DEVICE_TOKEN_DAYS, DeviceTokens } from './identity/device-tokens.js';
export { EmailLinks } from './identity/email-links.js';
export { type CountedGuess, type Guesser, GuessGuard, type GuessKind } from './identity/guess-guard.js';
export { type InvitationDraft, Invitations, type OpenInvitation } from './identity/invitations.service.js';
export { LastUse } from './identity/last-use.js';
export { LinkMails } from './identity/link-mails.js';
export { type AskedForSecondFactor, LoginChallenges } from './identity/login-challenges.js';
export { LoginOverviews } from './identity/login-ways.js';
export { Logins } from './identity/logins.js';
export { MailRequests } from './identity/mail-requests.js';
export { type Member, Members, permissionsOfAssignment } from './identity/members.service.js';
export { type OidcAdmission, OidcLogins, type OidcReturn, type OidcStart } from './identity/oidc-logins.js';
export { OidcProvider, type OidcSettings } from './identity/oidc-provider.js';
export { organizationEvent } from './identity/organization-event.js';
export { Organizations } from './identity/organizations.service.js';
export { OutOfReach } from './identity/out-of-reach.js';
export {
  type PasskeyAnswer,
  PasskeyCheck,
  type PasskeyQuestion,
  type ProvenPasskey,
} from './identity/passkey-check.js';
export { type PasskeySite, passkeySite } from './identity/passkey-site.js';
export { type PasskeyInvitation, Passkeys } from './identity/passkeys.js';
export { PasswordChanges } from './identity/password-changes.js';
export { PasswordHasher } from './identity/password-hasher.js';
export { assertGoodPassword, PASSWORD_MAX, PASSWORD_MIN } from './identity/password-rules.js';
export { PlatformAdmins } from './identity/platform-admins.service.js';
export { UserPreferences } from './identity/preferences.js';
export {
  ReAuthentication,
  type ReauthenticationMethod,
  type ReauthenticationProof,
} from './identity/re-authentication.js';
export { Registrar, type RegistrationRequest } from './identity/registrar.js';
export type { RegistrationMode, RegistrationPolicy } from './identity/registration-policy.js';
export type { Rights } from './identity/rights.js';
export { knownSystemRole } from './identity/role-names.js';
export { type RoleDraft, Roles, type RoleView } from './identity/roles.service.js';
export { SecondFactorCheck, type SecondFactorKind } from './identity/second-factor-check.js';
export { SecurityNotices } from './identity/security-notices.js';
export { type Device, deviceOf } from './identity/session-device.js';
export { type Place, placeOf } from './identity/session-place.js';
export { endEvents, Sessions, type SessionTokens } from './identity/sessions.js';
export { type LoggedIn, type LoginMethod, SignIn } from './identity/sign-in.js';
export { TwoFactor } from './identity/two-factor.js';
export { Workspaces } from './identity/workspaces.service.js';
// inbox
export { ConversationNotes, type NoteDraft } from './inbox/conversation-notes.js';
export { ConversationWork, type StatusWish } from './inbox/conversation-work.js';
export { type LabelDraft, type LabelHome, Labels, type LabelTarget } from './inbox/labels.js';
export { openSnoozed } from './inbox/snooze-waker.js';
// insight
export { AuditLog, type AuditSummary, categoryOf } from './insight/audit-log.js';
export { FileInspector } from './media/inspection/file-inspector.js';
export { MediaDownloader } from './media/media-downloader.js';
export type { MediaGiven } from './media/media-intake.js';
export { MediaIntake } from './media/media-intake.js';
export { linkSeconds, MediaLinks } from './media/media-links.js';
export { LARGEST_FILE_BYTES, type MediaPolicy, mediaKinds } from './media/media-policy.js';
export { MediaReader } from './media/media-reader.js';
export { type MediaPolicyView, MediaSettings } from './media/media-settings.js';
export { MediaPreparer } from './media/preparation/media-preparer.js';
export type { MediaConversions, MediaForm } from './media/preparation/prepared-media.js';
export { MediaScans } from './media/scan/media-scans.js';
export { Scratch } from './media/scratch.js';
export { progressBatches } from './messaging/batch-progress.js';
export { CardUnreadable, makeCard, readCard } from './messaging/contact-card.js';
export { contentView } from './messaging/content-view.js';
export { ConversationStates } from './messaging/conversation-states.js';
export {
  type ConversationRecord,
  Conversations,
  type InboxFilter,
  type ReadOutcome,
} from './messaging/conversations.js';
// messaging: the owner's side
export { expireSends } from './messaging/delivery-settlement.js';
export { errorAtField } from './messaging/error-at-field.js';
export { IdentityLinker } from './messaging/identity-linker.js';
export { type AcceptedAction, MessageActions } from './messaging/message-actions.js';
export { MessageDeliverer } from './messaging/message-deliverer.js';
export {
  type FormerWords,
  MessageDetails,
  type PersonalAnswer,
  type PersonalReceipt,
} from './messaging/message-details.js';
export { type ActionDraft, type MessageDraft, recipientOf, textContent } from './messaging/message-draft.js';
export { movedEvents } from './messaging/message-events.js';
export { MessageForwarder } from './messaging/message-forwarder.js';
export { MessageHistory, type MessagesAsked } from './messaging/message-history.js';
export { MessageMarks } from './messaging/message-marks.js';
export { MessageRecorder } from './messaging/message-recorder.js';
export { type Accepted, type AcceptedAt, MessageSender } from './messaging/message-sender.js';
export type { TimelineEntry } from './messaging/message-timeline.js';
export {
  type MessageRecord,
  messageOfEvent,
  messageView,
} from './messaging/message-view.js';
export type { OwnedProfile } from './messaging/owned-profile.js';
export { ProfileSink, type Recorders } from './messaging/profile-sink.js';
export type { QueuedAction } from './messaging/queue-actions.js';
export { ReceiptRecorder } from './messaging/receipt-recorder.js';
export { fileSaying, plainSaying, type Saying, sayingBesides } from './messaging/saying.js';
export { TypingRecorder } from './messaging/typing-recorder.js';
export { MAX_TYPING_MS, TypingSignals } from './messaging/typing-signals.js';
// opt-outs
export { KeywordListener } from './opt-outs/keyword-listener.js';
export { LinkOptOuts, type LinkProfile } from './opt-outs/link-opt-outs.js';
export { OptOutLinks } from './opt-outs/opt-out-links.js';
export { OptOutPolicies, type OptOutPolicy, type OptOutPolicyChanges } from './opt-outs/opt-out-settings.js';
// outbound
export { AddressPolicy } from './outbound/address-policy.js';
export type { FetchedFile } from './outbound/file-fetch.js';
export { LinkPreviews } from './outbound/link-preview.js';
export { type OutboundAnswer, OutboundClient, type PostOptions } from './outbound/outbound-client.js';
export { OutboundFailure, type OutboundReason } from './outbound/outbound-failure.js';
// outreach
export { Batches, type BatchProgress, type BatchWithItems, type BatchWithProgress } from './outreach/batches.js';
export { type BulkMessage, MAX_BULK_MESSAGES } from './outreach/bulk-plan.js';
export { type BulkRequest, BulkSender } from './outreach/bulk-sender.js';
export { MAX_VARIABLE_NAME_LENGTH, renderTemplate, type TemplateVariables } from './outreach/render-template.js';
// platform
export { AuditChain } from './platform/audit-chain.js';
export { AuditSigner } from './platform/audit-hash.js';
export { AuditSealer } from './platform/audit-sealer.js';
export { type AuditRecord, type NobodyKnown, recordAudit } from './platform/audit-trail.js';
export {
  type AuditBreak,
  type AuditVerification,
  AuditVerifier,
  auditBreaks,
  type NotedHead,
} from './platform/audit-verifier.js';
export { EventLog, type LogPage } from './platform/event-log.js';
export { type Claim, IdempotencyKeys, PROLONG_EVERY_MS, type StoredOutcome } from './platform/idempotency-keys.js';
export { createLogger, Logger, nestLogger } from './platform/logger.js';
export { MailDeliverer } from './platform/mail/mail-deliverer.js';
export { MailDesk, type OpenedMail } from './platform/mail/mail-desk.js';
export { type MailDraft, MailOutbox, type PreparedMail } from './platform/mail/mail-outbox.js';
export { type SmtpDraft, SmtpSettings, type SmtpView } from './platform/mail/smtp-settings.js';
export type { Once } from './platform/once.js';
export { databaseMetrics, mayReadMetrics } from './platform/process-metrics.js';
export { MediaPlaces } from './platform/storage/media-places.js';
export { ownFile, removeOwnFile, writeOwnFile } from './platform/storage/own-files.js';
export {
  type StorageDraft,
  StorageSettings,
  type StorageTest,
  type StorageView,
} from './platform/storage/storage-settings.js';
export { startSpanOf, startTracing, type Tracing } from './platform/tracing.js';
// privacy
export { DataExports } from './privacy/data-exports.js';
export { keptByKind } from './privacy/erasure-facts.js';
export { ErasureRunner } from './privacy/erasure-runner.js';
export { type ContactRef, Erasures, GRACE_DAYS, MAX_GRACE_DAYS, type ScheduledErasure } from './privacy/erasures.js';
export { ExportBuilder } from './privacy/export-builder.js';
export { ExportLinks } from './privacy/export-links.js';
export { MediaSweeper } from './privacy/media-sweeper.js';
export { Retention, type RetentionPolicy } from './privacy/retention.js';
export { RetentionEnforcer } from './privacy/retention-enforcer.js';
export { type ConnectionHealth, type HealthFinding, tellHealth } from './profiles/connection-health.js';
export { ConnectionRecorder } from './profiles/connection-recorder.js';
// profiles
export {
  type ConnectionBasics,
  ConnectionSettings,
  type ConnectionWishes,
  type ProxyDraft,
  type ProxyView,
} from './profiles/connection-settings.js';
export {
  type EngineCallName,
  type EngineCalls,
  engineRefusals,
  PAIRING_READY_MS,
} from './profiles/engine-calls.js';
export { EngineGateway } from './profiles/engine-gateway.js';
export { pack, unpack } from './profiles/plain-values.js';
export { ProfileLinker, type WaitingQr } from './profiles/profile-linker.js';
export { type ProfileStatus, statusOf } from './profiles/profile-status.js';
export { type ProfileChanges, type ProfileDraft, type ProfileScope, Profiles } from './profiles/profiles.service.js';
export { qrImage } from './profiles/qr-image.js';
export { SessionTransfers } from './profiles/session-transfers.js';
// recurrence
export { Recurrence, type RecurrenceGiven } from './recurrence/recurrence.js';
// scheduling
export { occurrencesFrom, readTimes } from './scheduling/schedule-times.js';
export {
  comingOf,
  DEFAULT_LATE_WINDOW_SECONDS,
  type ScheduleChanges,
  ScheduledMessages,
  type ScheduledWords,
} from './scheduling/scheduled-messages.js';
export { ScheduledSender } from './scheduling/scheduled-sender.js';
// search
export { type FoundMessage, type MessageQuestion, MessageSearcher } from './search/message-searcher.js';
export type { Snippet } from './search/message-snippet.js';
export { searchLimits } from './search/search-question.js';
export { harmlessCell } from './tabular/harmless-cell.js';
// tables: rows of CSV, workbooks and vCards
export { openTable, type TableGiven } from './tabular/open-table.js';
export { type Table, type TableFile, type TableRow, TableUnreadable } from './tabular/table.js';
export { storedFile, textFile } from './tabular/table-files.js';
export { TemplateTexts } from './templates/template-content.js';
export { type TemplateFilling, TemplateSender } from './templates/template-sender.js';
export { type TemplateChanges, type TemplateDraft, type TemplatePreview, Templates } from './templates/templates.js';
// uploads
export { Allowances, type AllowanceView } from './uploads/allowances.js';
export { FileTaker } from './uploads/file-taker.js';
export { KnownFiles } from './uploads/known-files.js';
export { LARGEST_UPLOAD_BYTES, ResumableUploads } from './uploads/resumable-uploads.js';
export { UploadAssembler } from './uploads/upload-assembler.js';
export { UploadTender } from './uploads/upload-tender.js';
export { UploadWork } from './uploads/upload-work.js';
export { Uploads } from './uploads/uploads.js';

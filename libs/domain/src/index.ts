// delivery
export { DeliveryPlanner } from './delivery/delivery-planner.js';
export { WebhookCaller } from './delivery/webhook-call.js';
export { type DelivererOptions, WebhookDeliverer } from './delivery/webhook-deliverer.js';
export { type WebhookBody, webhookBody } from './delivery/webhook-payload.js';
export { type WebhookDraft, type WebhookFacts, Webhooks, type WebhookTestResult } from './delivery/webhooks.js';
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
export {
  type GroupDetails,
  type GroupDraft,
  type GroupRef,
  Groups,
  type MemberAction,
  type MemberOutcome,
} from './groups/groups.service.js';
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
// insight
export { AuditLog, type AuditSummary, categoryOf } from './insight/audit-log.js';
export { MediaDownloader } from './media/media-downloader.js';
export { MediaIntake } from './media/media-intake.js';
export { linkSeconds, MediaLinks } from './media/media-links.js';
export { LARGEST_FILE_BYTES, type MediaPolicy, mediaKinds } from './media/media-policy.js';
export { MediaReader } from './media/media-reader.js';
export { type MediaPolicyView, MediaSettings } from './media/media-settings.js';
export { MediaPreparer } from './media/preparation/media-preparer.js';
export type { MediaConversions, MediaForm } from './media/preparation/prepared-media.js';
export { Scratch } from './media/scratch.js';
export { progressBatches } from './messaging/batch-progress.js';
export { CardUnreadable, makeCard, readCard } from './messaging/contact-card.js';
export type { CardView, ContentView } from './messaging/content-view.js';
export { ConversationStates } from './messaging/conversation-states.js';
export { type ConversationRecord, Conversations, type ReadOutcome } from './messaging/conversations.js';
// messaging: the owner's side
export { expireSends } from './messaging/delivery-settlement.js';
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
export { MessageHistory } from './messaging/message-history.js';
export { MessageMarks } from './messaging/message-marks.js';
export { MessageRecorder } from './messaging/message-recorder.js';
export { type Accepted, type AcceptedAt, MessageSender } from './messaging/message-sender.js';
export {
  type AnswerView,
  type MessageRecord,
  type MessageView,
  messageOfEvent,
  messageView,
  type ReactionView,
} from './messaging/message-view.js';
export type { OwnedProfile } from './messaging/owned-profile.js';
export { ProfileSink, type Recorders } from './messaging/profile-sink.js';
export type { QueuedAction } from './messaging/queue-actions.js';
export { ReceiptRecorder } from './messaging/receipt-recorder.js';
export { TypingRecorder } from './messaging/typing-recorder.js';
export { MAX_TYPING_MS, TypingSignals } from './messaging/typing-signals.js';
// outbound
export { AddressPolicy } from './outbound/address-policy.js';
export type { FetchedFile } from './outbound/file-fetch.js';
export { LinkPreviews } from './outbound/link-preview.js';
export { type OutboundAnswer, OutboundClient, type PostOptions } from './outbound/outbound-client.js';
export { OutboundFailure, type OutboundReason } from './outbound/outbound-failure.js';
// outreach
export { Batches, type BatchProgress, type BatchWithItems, type BatchWithProgress } from './outreach/batches.js';
export { MAX_BULK_MESSAGES } from './outreach/bulk-plan.js';
export { type BulkRequest, BulkSender } from './outreach/bulk-sender.js';
export { MAX_VARIABLE_NAME_LENGTH, type TemplateVariables } from './outreach/render-template.js';
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
export { EventLog } from './platform/event-log.js';
export { type Claim, IdempotencyKeys, PROLONG_EVERY_MS, type StoredOutcome } from './platform/idempotency-keys.js';
export { createLogger, Logger, nestLogger } from './platform/logger.js';
export { MailDeliverer } from './platform/mail/mail-deliverer.js';
export { MailDesk, type OpenedMail } from './platform/mail/mail-desk.js';
export { type MailDraft, MailOutbox, type PreparedMail } from './platform/mail/mail-outbox.js';
export { type SmtpDraft, SmtpSettings, type SmtpView } from './platform/mail/smtp-settings.js';
export type { Once } from './platform/once.js';
export { databaseMetrics, mayReadMetrics } from './platform/process-metrics.js';
export { MediaPlaces } from './platform/storage/media-places.js';
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
export { TemplateTexts } from './templates/template-content.js';
export { TemplateSender } from './templates/template-sender.js';
export { type TemplateChanges, type TemplateDraft, type TemplatePreview, Templates } from './templates/templates.js';

export { compileContactFilter } from './contact-filter/compile-filter.js';
export { numbersOfCountry } from './contact-filter/country-numbers.js';
export { Database, type DatabaseLog, type Scope } from './database.js';
export { type EmbeddedOptions, EmbeddedPostgres } from './embedded/embedded-postgres.js';
export {
  appendEvents,
  appendEventsLast,
  type EventFilter,
  positionAt,
  readEvents,
  searchEvents,
  streamHead,
} from './event-log.js';
export { Gatherer } from './gatherer.js';
export { isGoneReference } from './gone-reference.js';
export { migrate, pendingMigrations } from './migrate.js';
export { ensurePartitions } from './partitions.js';
export type { PoolLoad } from './pools.js';
export type { PrismaTx } from './prisma-on-connection.js';
export * from './repositories/accounts.js';
export * from './repositories/api-key-usage.js';
export * from './repositories/api-keys.js';
export * from './repositories/audit-entries.js';
export * from './repositories/backlog.js';
export * from './repositories/batch-records.js';
export * from './repositories/batches.js';
export * from './repositories/broadcast-answers.js';
export * from './repositories/broadcast-audience.js';
export * from './repositories/broadcast-expansion.js';
export * from './repositories/broadcast-feed.js';
export * from './repositories/broadcast-outcomes.js';
export * from './repositories/broadcast-people.js';
export * from './repositories/broadcast-reads.js';
export * from './repositories/broadcast-senders.js';
export * from './repositories/broadcast-values.js';
export * from './repositories/broadcasts.js';
export * from './repositories/calls.js';
export * from './repositories/chat-states.js';
export * from './repositories/chats.js';
export type { ClearedUpTo } from './repositories/cleared.js';
export * from './repositories/connect-pace.js';
export * from './repositories/connection-settings.js';
export * from './repositories/contact-duplicates.js';
export * from './repositories/contact-facts.js';
export * from './repositories/contact-fields.js';
export * from './repositories/contact-import-rows.js';
export * from './repositories/contact-imports.js';
export * from './repositories/contact-tags.js';
export * from './repositories/contacts.js';
export * from './repositories/conversation-lists.js';
export * from './repositories/conversation-reads.js';
export * from './repositories/conversation-work.js';
export * from './repositories/credentials.js';
export * from './repositories/data-exports.js';
export * from './repositories/email-tokens.js';
export * from './repositories/engine-hosts.js';
export * from './repositories/engine-sessions.js';
export * from './repositories/engine-store.js';
export * from './repositories/erasures.js';
export * from './repositories/event-streams.js';
export * from './repositories/event-surroundings.js';
export * from './repositories/event-traits.js';
export * from './repositories/group-members.js';
export * from './repositories/group-reads.js';
export * from './repositories/group-rosters.js';
export * from './repositories/groups.js';
export * from './repositories/guess-counters.js';
export * from './repositories/hook-requests.js';
export * from './repositories/hooks.js';
export * from './repositories/identities.js';
export * from './repositories/invitations.js';
export * from './repositories/known-chats.js';
export * from './repositories/known-contacts.js';
export * from './repositories/label-catalogue.js';
export * from './repositories/labels.js';
export * from './repositories/leases.js';
export * from './repositories/login-challenges.js';
export * from './repositories/login-users.js';
export * from './repositories/mails.js';
export * from './repositories/media-access.js';
export * from './repositories/media-allowances.js';
export * from './repositories/media-downloads.js';
export * from './repositories/media-work.js';
export * from './repositories/members.js';
export * from './repositories/merge-persons.js';
export * from './repositories/message-actions.js';
export * from './repositories/message-answers.js';
export * from './repositories/message-filter.js';
export * from './repositories/message-reads.js';
export * from './repositories/message-receipts.js';
export * from './repositories/message-search.js';
export { messageSecretPlace } from './repositories/message-secrets.js';
export * from './repositories/message-states.js';
export * from './repositories/message-timeline.js';
export * from './repositories/messages-inbound.js';
export * from './repositories/newsletters.js';
export * from './repositories/number-checks.js';
export * from './repositories/oidc-logins.js';
export * from './repositories/opt-out-reader.js';
export * from './repositories/opt-out-settings.js';
export * from './repositories/opt-outs.js';
export * from './repositories/organization-records.js';
export * from './repositories/organizations.js';
export * from './repositories/outbox.js';
export * from './repositories/parties.js';
export * from './repositories/passkeys.js';
export * from './repositories/pending-registrations.js';
export * from './repositories/person-erasure.js';
export * from './repositories/personal-data.js';
export * from './repositories/platform-admins.js';
export * from './repositories/profile-connections.js';
export * from './repositories/profiles.js';
export * from './repositories/queued-messages.js';
export * from './repositories/rate-buckets.js';
export * from './repositories/retention.js';
export * from './repositories/role-assignments.js';
export * from './repositories/roles.js';
export * from './repositories/scheduled-messages.js';
export * from './repositories/second-factors.js';
export * from './repositories/segments.js';
export * from './repositories/send-governors.js';
export * from './repositories/send-queue-ages.js';
export * from './repositories/settings.js';
export * from './repositories/status-audiences.js';
export * from './repositories/storage-places.js';
export * from './repositories/sweeping.js';
export * from './repositories/templates.js';
export * from './repositories/tenant-erasure.js';
export * from './repositories/upload-parts.js';
export * from './repositories/uploads.js';
export * from './repositories/visible-things.js';
export * from './repositories/waiting-actions.js';
export * from './repositories/webhook-hours.js';
export * from './repositories/webhook-lanes.js';
export * from './repositories/webhook-log.js';
export {
  advanceBehind,
  advanceCursorsLast,
  type BehindWebhook,
  type ClaimedCursor,
  claimBehind,
  claimCursors,
  type EventHead,
  ensureCursors,
  findBehindStreams,
  findLaggingStreams,
  insertDeliveries,
  type LaggingStream,
  type LaneUnderWay,
  listSubscriptions,
  type PlannedDelivery,
  readEventHeads,
  type Subscription,
} from './repositories/webhook-plan.js';
export * from './repositories/webhook-redeliveries.js';
export * from './repositories/webhook-results.js';
export * from './repositories/webhook-streams.js';
export * from './repositories/webhooks.js';
export * from './repositories/workspaces.js';
export { installationScope, type OrganizationSealer, Sealer, SealUnreadable } from './sealer.js';
export { CommitOutcomeUnknown, type QueryOptions, type Tx } from './transaction.js';
export { isTransient, type RetryOptions, retryTransient } from './transient.js';

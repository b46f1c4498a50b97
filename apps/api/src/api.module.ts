import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '#config';
import type { Database } from '#database';
import {
  Accounts,
  ApiKeys,
  Conversations,
  EventLog,
  type Logger,
  OutOfReach,
  PlatformAdmins,
  ProfileLinker,
  Workspaces,
} from '#domain';
import { AccountsController } from './accounts/accounts.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { auditProviders } from './audit/audit.providers.js';
import { AccountLinksController } from './auth/account-links.controller.js';
import { AuthController } from './auth/auth.controller.js';
import { OidcController } from './auth/oidc.controller.js';
import { OwnAccountController } from './auth/own-account.controller.js';
import { PasskeysController } from './auth/passkeys.controller.js';
import { SessionsController } from './auth/sessions.controller.js';
import { SignInAnswers } from './auth/sign-in-answers.js';
import { TwoFactorController } from './auth/two-factor.controller.js';
import { BroadcastActionsController } from './broadcasts/broadcast-actions.controller.js';
import { BroadcastTrialsController } from './broadcasts/broadcast-trials.controller.js';
import { BroadcastsController, broadcastProviders } from './broadcasts/broadcasts.controller.js';
import { BulkController } from './bulk/bulk.controller.js';
import { CommunitiesController } from './communities/communities.controller.js';
import { CommunityGroupsController } from './communities/community-groups.controller.js';
import { ContactExportsController } from './contacts/contact-exports.controller.js';
import { ContactFieldsController } from './contacts/contact-fields.controller.js';
import { ContactImportsController } from './contacts/contact-imports.controller.js';
import { contactImportProviders } from './contacts/contact-imports.providers.js';
import { ContactTagsController } from './contacts/contact-tags.controller.js';
import { ContactToolsController } from './contacts/contact-tools.controller.js';
import { ContactsController } from './contacts/contacts.controller.js';
import { contactProviders } from './contacts/contacts.providers.js';
import { SegmentsController } from './contacts/segments.controller.js';
import { ConversationExportsController } from './conversations/conversation-exports.controller.js';
import { ConversationStatesController } from './conversations/conversation-states.controller.js';
import { ConversationWorkController } from './conversations/conversation-work.controller.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { EdgesModule } from './edges.module.js';
import { ErrorsController } from './errors/errors.controller.js';
import { EventsController } from './events/events.controller.js';
import { GroupAdminController } from './groups/group-admin.controller.js';
import { GroupInvitationsController } from './groups/group-invitations.controller.js';
import { GroupsController } from './groups/groups.controller.js';
import { groupProviders } from './groups/groups.providers.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { HookReceiverController } from './hooks/hook-receiver.controller.js';
import { HookRequestsController } from './hooks/hook-requests.controller.js';
import { HooksController } from './hooks/hooks.controller.js';
import { hookProviders } from './hooks/hooks.providers.js';
import { HttpModule } from './http/http.module.js';
import { AdministratorsController } from './installation/administrators.controller.js';
import { InstallationSettingsController } from './installation/installation-settings.controller.js';
import { MailsController } from './installation/mails.controller.js';
import { LabelsController, labelProviders } from './labels/labels.controller.js';
import { ActionsController } from './messages/actions.controller.js';
import { ContentSendsController } from './messages/content-sends.controller.js';
import { ForwardsController } from './messages/forwards.controller.js';
import { InteractiveSendsController } from './messages/interactive-sends.controller.js';
import { MediaController } from './messages/media.controller.js';
import { MessageDetailsController } from './messages/message-details.controller.js';
import { MessageMarksController } from './messages/message-marks.controller.js';
import { MessageSearchController } from './messages/message-search.controller.js';
import { MessagesController } from './messages/messages.controller.js';
import { messagingProviders } from './messages/messaging.providers.js';
import { SendsController } from './messages/sends.controller.js';
import { OptOutPageController } from './opt-outs/opt-out-page.controller.js';
import { OptOutSettingsController } from './opt-outs/opt-out-settings.controller.js';
import { optOutProviders } from './opt-outs/opt-outs.providers.js';
import { InvitationLinksController } from './organizations/invitation-links.controller.js';
import { InvitationsController } from './organizations/invitations.controller.js';
import { MembersController } from './organizations/members.controller.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { organizationProviders } from './organizations/organizations.providers.js';
import { PlatformModule } from './platform.module.js';
import { ContactDataController } from './privacy/contact-data.controller.js';
import { OwnDataController } from './privacy/own-data.controller.js';
import { privacyProviders } from './privacy/privacy.providers.js';
import { RetentionController } from './privacy/retention.controller.js';
import { AccountProfilesController } from './profiles/account-profiles.controller.js';
import { ConnectionSettingsController } from './profiles/connection-settings.controller.js';
import { profileProviders } from './profiles/profile.providers.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { SendPoliciesController } from './profiles/send-policies.controller.js';
import { SessionTransferController } from './profiles/session-transfer.controller.js';
import { RbacController } from './rbac/rbac.controller.js';
import { RealtimeGateway } from './realtime/realtime.gateway.js';
import { Rooms } from './realtime/rooms.js';
import { ScheduledMessagesController, schedulingProviders } from './scheduling/scheduled-messages.controller.js';
import {
  InstallationMediaSettingsController,
  MediaSettingsController,
  ProfileMediaSettingsController,
} from './settings/media-settings.controller.js';
import { SettingsController } from './settings/settings.controller.js';
import { TemplateSendsController } from './templates/template-sends.controller.js';
import { TemplatesController, templateProviders } from './templates/templates.controller.js';
import { QuotasController } from './uploads/quotas.controller.js';
import { uploadProviders } from './uploads/upload.providers.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { WebhookLogController } from './webhooks/webhook-log.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { webhookProviders } from './webhooks/webhooks.providers.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';

/** The list of what the api consists of. A new resource adds its controller here, and what the controller asks for. */
const controllers = [
  AuthController,
  AccountLinksController,
  OwnAccountController,
  SessionsController,
  TwoFactorController,
  PasskeysController,
  OidcController,
  OrganizationsController,
  MembersController,
  InvitationsController,
  InvitationLinksController,
  RbacController,
  ApiKeysController,
  WorkspacesController,
  AccountsController,
  ProfilesController,
  AccountProfilesController,
  SendPoliciesController,
  ConnectionSettingsController,
  SessionTransferController,
  EventsController,
  HealthController,
  ErrorsController,
  SendsController,
  ContentSendsController,
  ForwardsController,
  InteractiveSendsController,
  MessageMarksController,
  ActionsController,
  MessageSearchController,
  MessagesController,
  MessageDetailsController,
  MediaController,
  // Before the contacts, whose paths have an id where these have a word.
  ContactImportsController,
  ContactExportsController,
  OptOutSettingsController,
  OptOutPageController,
  ConversationsController,
  GroupAdminController,
  GroupInvitationsController,
  ContactFieldsController,
  ContactTagsController,
  ContactToolsController,
  // Behind everything else below /contacts: its `:id` takes what is left.
  ContactsController,
  SegmentsController,
  GroupsController,
  CommunitiesController,
  CommunityGroupsController,
  ConversationStatesController,
  ConversationWorkController,
  ConversationExportsController,
  LabelsController,
  BulkController,
  BroadcastsController,
  BroadcastActionsController,
  BroadcastTrialsController,
  WebhooksController,
  WebhookLogController,
  HookReceiverController,
  HooksController,
  HookRequestsController,
  TemplatesController,
  TemplateSendsController,
  UploadsController,
  QuotasController,
  ScheduledMessagesController,
  AuditController,
  OwnDataController,
  ContactDataController,
  RetentionController,
  SettingsController,
  InstallationSettingsController,
  MediaSettingsController,
  InstallationMediaSettingsController,
  ProfileMediaSettingsController,
  MailsController,
  AdministratorsController,
];

const providers = [
  SignInAnswers,
  ...organizationProviders,
  ApiKeys,
  Workspaces,
  PlatformAdmins,
  Accounts,
  ...profileProviders,
  EventLog,
  Readiness,
  ...uploadProviders,
  ...messagingProviders,
  ...contactProviders,
  ...groupProviders,
  ...labelProviders,
  ...webhookProviders,
  ...hookProviders,
  ...templateProviders,
  ...broadcastProviders,
  ...contactImportProviders,
  ...optOutProviders,
  ...schedulingProviders,
  ...auditProviders,
  ...privacyProviders,
  {
    provide: Rooms,
    inject: [ProfileLinker, Conversations, OutOfReach],
    useFactory: (profiles: ProfileLinker, conversations: Conversations, outOfReach: OutOfReach) =>
      new Rooms({ profiles, conversations, outOfReach }),
  },
  RealtimeGateway,
];

@Module({})
class ApiModule {}

export function apiModule(config: Config, db: Database, log: Logger): DynamicModule {
  return {
    module: ApiModule,
    imports: [PlatformModule.with(config, db, log), EdgesModule.with(config, db), HttpModule],
    controllers,
    providers,
  };
}

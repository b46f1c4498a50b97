import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '#config';
import type { Database } from '#database';
import { Accounts, ApiKeys, EventLog, type Logger, PlatformAdmins, Workspaces } from '#domain';
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
import { BulkController } from './bulk/bulk.controller.js';
import { ConversationStatesController } from './conversations/conversation-states.controller.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { EdgesModule } from './edges.module.js';
import { ErrorsController } from './errors/errors.controller.js';
import { EventsController } from './events/events.controller.js';
import { GroupsController } from './groups/groups.controller.js';
import { groupProviders } from './groups/groups.providers.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { HttpModule } from './http/http.module.js';
import { AdministratorsController } from './installation/administrators.controller.js';
import { InstallationSettingsController } from './installation/installation-settings.controller.js';
import { MailsController } from './installation/mails.controller.js';
import { ActionsController } from './messages/actions.controller.js';
import { ContentSendsController } from './messages/content-sends.controller.js';
import { MediaController } from './messages/media.controller.js';
import { MessageDetailsController } from './messages/message-details.controller.js';
import { MessageMarksController } from './messages/message-marks.controller.js';
import { MessagesController } from './messages/messages.controller.js';
import { messagingProviders } from './messages/messaging.providers.js';
import { SendsController } from './messages/sends.controller.js';
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
import {
  InstallationMediaSettingsController,
  MediaSettingsController,
  ProfileMediaSettingsController,
} from './settings/media-settings.controller.js';
import { SettingsController } from './settings/settings.controller.js';
import { TemplateSendsController } from './templates/template-sends.controller.js';
import { TemplatesController, templateProviders } from './templates/templates.controller.js';
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
  MessageMarksController,
  ActionsController,
  MessagesController,
  MessageDetailsController,
  MediaController,
  ConversationsController,
  GroupsController,
  ConversationStatesController,
  BulkController,
  WebhooksController,
  TemplatesController,
  TemplateSendsController,
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
  ...messagingProviders,
  ...groupProviders,
  ...webhookProviders,
  ...templateProviders,
  ...auditProviders,
  ...privacyProviders,
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

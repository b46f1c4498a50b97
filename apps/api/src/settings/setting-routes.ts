import type { Actor, OrganizationId } from '#contracts';
import { errors } from '#contracts';
import type { SmtpSettings, StorageSettings } from '#domain';
import {
  presentSmtp,
  presentSmtpTest,
  type SettingTestOut,
  type SmtpIn,
  type SmtpOut,
  smtpDraft,
  type TestSmtpIn,
} from './smtp.dto.js';
import {
  presentStorage,
  presentStorageTest,
  type StorageIn,
  type StorageOut,
  type StorageTestOut,
  storageDraft,
  type TestStorageIn,
} from './storage.dto.js';

/** What the routes of an organization's settings and those of the installation's have in common: all but the scope. */
export class SettingRoutes {
  constructor(
    protected readonly smtp: SmtpSettings,
    protected readonly storage: StorageSettings,
  ) {}

  protected async viewSmtp(scope: OrganizationId | null): Promise<SmtpOut> {
    return presentSmtp(await this.smtp.view(scope));
  }

  protected async saveSmtp(actor: Actor, scope: OrganizationId | null, body: SmtpIn): Promise<SmtpOut> {
    return presentSmtp(await this.smtp.save(actor, scope, smtpDraft(body)));
  }

  protected async removeSmtp(actor: Actor, scope: OrganizationId | null): Promise<SmtpOut> {
    return presentSmtp(await this.smtp.remove(actor, scope));
  }

  protected async testSmtp(
    actor: Actor,
    scope: OrganizationId | null,
    { candidate }: TestSmtpIn,
    sendTo?: string,
  ): Promise<SettingTestOut> {
    const given = { candidate: candidate && smtpDraft(candidate), sendTo };
    return presentSmtpTest(await this.smtp.test(actor, scope, given), sendTo);
  }

  protected async viewStorage(scope: OrganizationId | null): Promise<StorageOut> {
    return presentStorage(await this.storage.view(scope));
  }

  protected async saveStorage(actor: Actor, scope: OrganizationId | null, body: StorageIn): Promise<StorageOut> {
    const draft = storageDraft(body);
    const saved = draft ? await this.storage.save(actor, scope, draft) : await this.storage.remove(actor, scope);
    return presentStorage(saved);
  }

  protected async testStorage(
    actor: Actor,
    scope: OrganizationId | null,
    { candidate }: TestStorageIn,
    createBucket: boolean,
  ): Promise<StorageTestOut> {
    const draft = candidate && storageDraft(candidate);
    if (draft === null)
      throw errors.validation({ fields: [{ path: 'candidate.type', message: 'must be s3 to be tested' }] });
    return presentStorageTest(await this.storage.test(actor, scope, { candidate: draft, createBucket }));
  }
}

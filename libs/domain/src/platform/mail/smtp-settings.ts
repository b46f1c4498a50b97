import { type Actor, errors, type OrganizationId } from '#contracts';
import {
  type Database,
  deleteSetting,
  findSetting,
  releaseHeldMails,
  type Sealer,
  saveSetting,
  type Tx,
} from '#database';
import type { OutboundClient } from '../../outbound/outbound-client.js';
import { recordAudit } from '../audit-trail.js';
import { inScope, recordTest, settingsRecord, settingsScopeId } from '../settings/in-scope.js';
import { type SmtpAccess, SmtpRefused, trySmtp } from './smtp-transport.js';

/** A mail server as people set it. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte. Without it STARTTLS is used, and demanded when there is a password. */
  secure: boolean;
  user?: string;
  /** Sender, such as `Waypost <waypost@example.com>`. */
  from: string;
}

/** What a save brings; without `pass` the one that is stored stays, as long as server and user stay. */
export type SmtpDraft = SmtpServer & { pass?: string };

/** Where the mail server in use was set. */
export type SmtpSource = 'organization' | 'installation' | 'environment' | 'none';

/** What is shown of it; never the password. */
export interface SmtpView {
  source: SmtpSource;
  server: SmtpServer | null;
  hasPassword: boolean;
}

const name = 'smtp';
const context = (scope: OrganizationId | null) => `setting:smtp:${settingsScopeId(scope)}`;

/**
 * Which mail server sends for whom: an organization's own, else the installation's as its administrators set it, else
 * the one of the environment (SMTP_URL). Addresses that came through the API are dialled behind the outbound guard; the
 * environment is the operator's and is trusted.
 */
export class SmtpSettings {
  constructor(
    private readonly parts: {
      db: Database;
      sealer: Sealer;
      outbound: OutboundClient;
      environment: { url?: string; from?: string };
    },
  ) {}

  /** What holds in a scope, and where it was set. */
  async view(scope: OrganizationId | null): Promise<SmtpView> {
    const found = await this.find(scope);
    if (found) return { ...shown(found.access), source: found.source };
    return { source: 'none', server: null, hasPassword: false };
  }

  /** The server to send with for an organization, or null when there is none. */
  async access(scope: OrganizationId | null): Promise<SmtpAccess | null> {
    return (await this.find(scope))?.access ?? null;
  }

  /**
   * Mails that waited for a server go out with it.
   * @throws validation when the password must be given again; urlNotAllowed
   */
  async save(actor: Actor, scope: OrganizationId | null, draft: SmtpDraft): Promise<SmtpView> {
    await this.parts.outbound.assertHostAllowed(draft.host, 'host');
    const sealer = await this.parts.sealer.forScope(scope);
    await inScope(this.parts.db, actor, scope, async (tx) => {
      const before = await this.stored(tx, scope);
      const { pass = keptPassword(before, draft), ...server } = draft;
      if (pass !== undefined && server.user === undefined) throw invalid('user', 'is needed with a password');
      await saveSetting(tx, scope, name, {
        value: server,
        secretsSealed: pass === undefined ? null : sealer.seal(JSON.stringify({ pass }), context(scope)),
        updatedBy: actor.userId,
      });
      await recordAudit(tx, actor, {
        ...settingsRecord(scope, name),
        before: before ? { ...before.server } : undefined,
        after: { ...server, passwordGiven: draft.pass !== undefined },
      });
    });
    // Mails are of no tenant's tables while they wait; the sender looks at all of them.
    await this.parts.db.system((tx) => releaseHeldMails(tx, scope));
    this.parts.db.wake('settings', settingsScopeId(scope));
    this.parts.db.wake('mails', settingsScopeId(scope));
    return this.view(scope);
  }

  /** Back to what holds without it. */
  async remove(actor: Actor, scope: OrganizationId | null): Promise<SmtpView> {
    await inScope(this.parts.db, actor, scope, async (tx) => {
      const before = await this.stored(tx, scope);
      if (!(await deleteSetting(tx, scope, name))) return;
      await recordAudit(tx, actor, {
        ...settingsRecord(scope, name),
        before: before ? { ...before.server } : undefined,
      });
    });
    this.parts.db.wake('settings', settingsScopeId(scope));
    return this.view(scope);
  }

  /**
   * Connects and logs in, with what is in force or with a candidate, and sends a mail when an address is given.
   * @returns why it did not work, as a sentence; nothing when it did
   * @throws validation when there is nothing to test; urlNotAllowed
   */
  async test(
    actor: Actor,
    scope: OrganizationId | null,
    given: { candidate?: SmtpDraft; sendTo?: string },
  ): Promise<{ problem?: string }> {
    const access = given.candidate ? await this.candidate(scope, given.candidate) : await this.access(scope);
    if (!access) throw errors.validation({ message: 'No mail server is set. Give one to test.' });
    await recordTest(this.parts.db, actor, scope, name);
    try {
      await trySmtp(access, this.parts.outbound, given.sendTo);
      return {};
    } catch (error) {
      if (error instanceof SmtpRefused) return { problem: error.message };
      throw error;
    }
  }

  private async candidate(scope: OrganizationId | null, draft: SmtpDraft): Promise<SmtpAccess> {
    await this.parts.outbound.assertHostAllowed(draft.host, 'candidate.host');
    const before = await this.parts.db.system((tx) => this.stored(tx, scope));
    const { pass = keptPassword(before, draft), ...server } = draft;
    return { ...server, pass, guarded: true, demandTls: pass !== undefined };
  }

  private async find(scope: OrganizationId | null): Promise<{ source: SmtpSource; access: SmtpAccess } | null> {
    return this.parts.db.system(async (tx) => {
      const own = scope === null ? null : await this.stored(tx, scope);
      if (own) return { source: 'organization', access: accessOf(own) };
      const installation = await this.stored(tx, null);
      if (installation) return { source: 'installation', access: accessOf(installation) };
      const environment = accessOfEnvironment(this.parts.environment);
      return environment && { source: 'environment', access: environment };
    });
  }

  private async stored(tx: Tx, scope: OrganizationId | null): Promise<Stored | null> {
    const row = await findSetting(tx, scope, name);
    if (!row) return null;
    const sealer = row.secretsSealed && (await this.parts.sealer.forScope(scope));
    const secrets = sealer ? JSON.parse(String(sealer.open(row.secretsSealed!, context(scope)))) : {};
    return { server: row.value as unknown as SmtpServer, pass: secrets.pass };
  }
}

interface Stored {
  server: SmtpServer;
  pass?: string;
}

/** A stored password goes to nobody but the server and user that it was given for. */
function keptPassword(before: Stored | null, draft: SmtpDraft): string | undefined {
  if (before?.pass === undefined || draft.user === undefined) return undefined;
  const { host, port, user } = before.server;
  if (host === draft.host && port === draft.port && user === draft.user) return before.pass;
  throw invalid('pass', 'must be given again when host, port or user change');
}

function accessOf({ server, pass }: Stored): SmtpAccess {
  return { ...server, pass, guarded: true, demandTls: pass !== undefined };
}

/** `smtp://user:password@host:587`, `smtps://…`; `?insecure=true` lets a password go without TLS. */
function accessOfEnvironment({ url, from }: { url?: string; from?: string }): SmtpAccess | null {
  if (url === undefined) return null;
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === 'smtps:';
  const pass = password === '' ? undefined : decodeURIComponent(password);
  return {
    host: hostname,
    port: Number(port || (secure ? 465 : 587)),
    secure,
    user: username === '' ? undefined : decodeURIComponent(username),
    pass,
    from: from ?? 'Waypost <waypost@localhost>',
    guarded: false,
    demandTls: pass !== undefined && searchParams.get('insecure') !== 'true',
  };
}

function shown({ host, port, secure, user, from, pass }: SmtpAccess): Omit<SmtpView, 'source'> {
  return { server: { host, port, secure, user, from }, hasPassword: pass !== undefined };
}

function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}

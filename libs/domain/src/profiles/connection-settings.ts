import { type Actor, errors, type ProfileId } from '#contracts';
import {
  type ConnectionSettingsRow,
  type Database,
  findConnectionSettings,
  findProfile,
  type Lease,
  type OrganizationSealer,
  type ProfileRow,
  type Sealer,
  saveConnectionSettings,
  type Tx,
} from '#database';
import {
  type ConnectionOptions,
  type DevicePlatform,
  type HistoryWish,
  type Listening,
  ProxyFailure,
  tryProxy,
} from '#engine';
import type { OutboundClient } from '../outbound/outbound-client.js';
import { OutboundFailure } from '../outbound/outbound-failure.js';
import { recordAudit } from '../platform/audit-trail.js';
import { noProfile, profileResource } from './profiles.service.js';

/** What the connection of a profile takes in, and as what it shows itself. */
export interface ConnectionWishes {
  /** Null: as the installation has it (DEVICE_NAME). */
  deviceName: string | null;
  devicePlatform: DevicePlatform;
  listening: Required<Listening>;
  history: HistoryWish;
  /** Every call that begins is refused at once; it is told all the same. */
  rejectsCalls: boolean;
}

/** What is left out stays. */
export type WishChanges = Partial<Omit<ConnectionWishes, 'listening'>> & { listening?: Listening };

/** A proxy as people give it. */
export interface ProxyDraft {
  protocol: 'http' | 'https' | 'socks5';
  host: string;
  port: number;
  user?: string;
  /** Left out: the stored one stays, as long as protocol, host, port and user stay. */
  password?: string;
}

/** What is shown of it; never the password. */
export type ProxyView = Omit<ProxyDraft, 'password'> & { hasPassword: boolean };

/** What the connection is made with, besides what every connection has. */
export type ConnectionBasics = Pick<
  ConnectionOptions,
  'deviceName' | 'devicePlatform' | 'proxy' | 'listening' | 'history' | 'rejectsCalls'
>;

const everything: Required<Listening> = {
  groups: true,
  newsletters: true,
  status: true,
  broadcasts: true,
  ownMessages: true,
  media: true,
};

/** Where a proxy is tried: the host that every connection goes to. */
const whatsapp = { host: 'web.whatsapp.com', port: 443 };

/**
 * How the connection of each profile is made: its proxy, what it takes in, how it shows itself in the phone's list. A
 * change wakes the engine that holds the profile, which opens the connection anew with it.
 */
export class ConnectionSettings {
  constructor(
    private readonly parts: {
      db: Database;
      sealer: Sealer;
      outbound: OutboundClient;
      deviceName: string;
      /** Where a proxy is tried; the sandbox in place of WhatsApp. */
      tryAt?: { host: string; port: number };
    },
  ) {}

  /** @throws notFound */
  async wishes(actor: Actor, id: ProfileId): Promise<ConnectionWishes> {
    return this.read(actor, id, async (row) => wishesOf(row));
  }

  /** Replaces what is given; the rest stays. @throws notFound */
  async saveWishes(actor: Actor, id: ProfileId, changes: WishChanges): Promise<ConnectionWishes> {
    const saved = await this.change(actor, id, 'profile.settings', async (row) => {
      const before = wishesOf(row);
      const after = { ...before, ...changes, listening: { ...before.listening, ...changes.listening } };
      return { row: { ...row, ...after }, before, after };
    });
    return wishesOf(saved);
  }

  /** Null: none. @throws notFound */
  proxy(actor: Actor, id: ProfileId): Promise<ProxyView | null> {
    return this.read(actor, id, async (row, sealer) => shown(storedProxy(row, sealer, id)));
  }

  /** @throws notFound, urlNotAllowed, validation when the password must be given again */
  async saveProxy(actor: Actor, id: ProfileId, draft: ProxyDraft): Promise<ProxyView> {
    // No name is asked for on behalf of somebody who has no such profile.
    await this.wishes(actor, id);
    await this.parts.outbound.assertHostAllowed(draft.host, 'host');
    let view: ProxyView | null = null;
    await this.change(actor, id, 'profile.proxy', async (row, sealer) => {
      const before = storedProxy(row, sealer, id);
      const proxy = { ...draft, ...keptPassword(before, draft) };
      view = shown(proxy);
      const proxySealed = sealer.seal(Buffer.from(JSON.stringify(proxy)), context(id));
      return { row: { ...row, proxySealed }, before: shown(before), after: view };
    });
    return view!;
  }

  /** @throws notFound */
  async removeProxy(actor: Actor, id: ProfileId): Promise<void> {
    await this.change(actor, id, 'profile.proxy', async (row, sealer) => {
      const before = shown(storedProxy(row, sealer, id));
      return { row: { ...row, proxySealed: null }, before, after: null };
    });
  }

  /**
   * Opens a way to WhatsApp through the proxy that is stored, or through a candidate.
   * @returns milliseconds, or a sentence about what went wrong
   * @throws notFound, urlNotAllowed, validation
   */
  async testProxy(
    actor: Actor,
    id: ProfileId,
    candidate?: ProxyDraft,
  ): Promise<{ tookMs: number } | { problem: string }> {
    await this.wishes(actor, id);
    if (candidate) await this.parts.outbound.assertHostAllowed(candidate.host, 'candidate.host');
    const proxy = await this.read(actor, id, async (row, sealer) => {
      const stored = storedProxy(row, sealer, id);
      return candidate ? { ...candidate, ...keptPassword(stored, candidate) } : stored;
    });
    if (!proxy)
      throw errors.validation({ fields: [{ path: 'candidate', message: 'is needed: the profile has no proxy' }] });
    await this.parts.db.tenant(actor, async (tx) => {
      const row = await findProfile(tx, { organizationId: actor.organizationId }, id);
      if (row) await recordAudit(tx, actor, { action: 'profile.proxy_test', resource: profileResource(row) });
    });
    try {
      return { tookMs: await tryProxy(this.route(proxy), this.parts.tryAt ?? whatsapp) };
    } catch (error) {
      if (error instanceof ProxyFailure) return { problem: sentenceOf(error) };
      throw error;
    }
  }

  /**
   * For the engine that holds the profile.
   * @returns also the revision, by which a later change is seen
   * @throws SealUnreadable: then it must not connect at all, for nothing may go around a proxy
   */
  async basics({
    organizationId,
    profileId,
  }: Pick<Lease, 'organizationId' | 'profileId'>): Promise<ConnectionBasics & { revision: number }> {
    const { db, deviceName } = this.parts;
    const row = await db.system((tx) => findConnectionSettings(tx, profileId));
    const proxy = row.proxySealed
      ? storedProxy(row, await this.parts.sealer.forOrganization(organizationId), profileId)
      : null;
    return {
      deviceName: row.deviceName ?? deviceName,
      devicePlatform: wishesOf(row).devicePlatform,
      listening: row.listening,
      history: row.history,
      rejectsCalls: row.rejectsCalls,
      revision: row.revision,
      ...(proxy ? { proxy: this.route(proxy) } : {}),
    };
  }

  private route(proxy: ProxyDraft) {
    return { ...proxy, address: () => this.parts.outbound.allowedAddress(proxy.host) };
  }

  private async read<T>(
    actor: Actor,
    id: ProfileId,
    of: (row: ConnectionSettingsRow, sealer: OrganizationSealer) => Promise<T>,
  ): Promise<T> {
    const sealer = await this.parts.sealer.forOrganization(actor.organizationId);
    return this.parts.db.tenant(actor, async (tx) => {
      await found(tx, actor, id);
      return of(await findConnectionSettings(tx, id), sealer);
    });
  }

  private async change(
    actor: Actor,
    id: ProfileId,
    action: 'profile.settings' | 'profile.proxy',
    of: (
      row: ConnectionSettingsRow,
      sealer: OrganizationSealer,
    ) => Promise<{ row: ConnectionSettingsRow; before: object | null; after: object | null }>,
  ): Promise<ConnectionSettingsRow> {
    const { organizationId } = actor;
    const sealer = await this.parts.sealer.forOrganization(organizationId);
    return this.parts.db.tenant(actor, async (tx) => {
      const profile = await found(tx, actor, id, 'lock');
      const { row, before, after } = await of(await findConnectionSettings(tx, id), sealer);
      await saveConnectionSettings(tx, { organizationId, profileId: id }, row);
      await recordAudit(tx, actor, {
        action,
        resource: profileResource(profile),
        ...(before ? { before: { ...before } } : {}),
        ...(after ? { after: { ...after } } : {}),
      });
      tx.wake('profiles', id);
      return row;
    });
  }
}

const context = (profileId: string) => `profile:${profileId}:proxy`;

async function found(tx: Tx, actor: Actor, id: ProfileId, lock?: 'lock'): Promise<ProfileRow> {
  const row = await findProfile(tx, { organizationId: actor.organizationId }, id, lock);
  if (!row) throw noProfile(id);
  return row;
}

function wishesOf(row: ConnectionSettingsRow): ConnectionWishes {
  return {
    deviceName: row.deviceName,
    devicePlatform: (row.devicePlatform as DevicePlatform | null) ?? 'chrome',
    listening: { ...everything, ...row.listening },
    history: row.history,
    rejectsCalls: row.rejectsCalls,
  };
}

function storedProxy(row: ConnectionSettingsRow, sealer: OrganizationSealer, id: ProfileId): ProxyDraft | null {
  return row.proxySealed ? JSON.parse(sealer.open(row.proxySealed, context(id)).toString('utf8')) : null;
}

/** A password goes to no other proxy than the one that it was given for. */
function keptPassword(before: ProxyDraft | null, draft: ProxyDraft): { password?: string } {
  if (draft.password !== undefined) return { password: draft.password };
  if (before?.password === undefined || draft.user === undefined) return {};
  const isSame = (['protocol', 'host', 'port', 'user'] as const).every((name) => before[name] === draft[name]);
  if (isSame) return { password: before.password };
  throw errors.validation({ fields: [{ path: 'password', message: 'must be given again: the proxy has changed' }] });
}

function shown(proxy: ProxyDraft): ProxyView;
function shown(proxy: ProxyDraft | null): ProxyView | null;
function shown(proxy: ProxyDraft | null): ProxyView | null {
  if (!proxy) return null;
  const { password, ...rest } = proxy;
  return { ...rest, hasPassword: password !== undefined };
}

function sentenceOf(error: ProxyFailure): string {
  if (error.cause instanceof OutboundFailure) return error.cause.message;
  const what = error.kind === 'refused' ? 'The proxy refuses the connection' : 'The proxy cannot be reached';
  return `${what}: ${error.message}.`;
}

import { type Actor, errors, type OrganizationId, type ProfileId } from '#contracts';
import { type Database, deleteSetting, findProfile, findSetting, saveSetting, type Tx } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { inScope, settingsRecord, settingsScopeId } from '../platform/settings/in-scope.js';
import { noProfile, profileResource } from '../profiles/profiles.service.js';
import { defaultMediaPolicy, LARGEST_FILE_BYTES, type MediaPolicy, mediaKinds } from './media-policy.js';

const name = 'media';
/** Under which an organization keeps what holds for one of its profiles; `deleteProfile` knows it too. */
const nameOf = (profileId: string): string => `media:${profileId}`;
/** How long a process goes on with what it knows after a change that it was not told of, milliseconds. */
const rememberMs = 30_000;
const mostRemembered = 5000;

/** What holds, and where it was set. */
export interface MediaPolicyView extends MediaPolicy {
  source: 'profile' | 'organization' | 'installation' | 'default';
}

/** When received files are fetched: as said for the profile, else by its organization, else by the installation. */
export class MediaSettings {
  private readonly remembered = new Map<string, { policy: Promise<MediaPolicyView>; at: number }>();

  constructor(private readonly db: Database) {
    db.listen('settings', () => this.remembered.clear());
  }

  /** What holds in a scope; null is the installation. */
  view(scope: OrganizationId | null): Promise<MediaPolicyView> {
    return this.db.system((tx) => held(tx, scope));
  }

  /** What holds for a profile. @throws errors.notFound */
  async viewOfProfile(actor: Actor, id: ProfileId): Promise<MediaPolicyView> {
    await this.db.tenant(actor, (tx) => assertProfile(tx, actor, id));
    return this.db.system((tx) => held(tx, actor.organizationId, id));
  }

  /** What holds for the messages of a profile, as it was some seconds ago at most. */
  policyOf(organizationId: OrganizationId, profileId: string): Promise<MediaPolicy> {
    let known = this.remembered.get(profileId);
    if (!known || known.at + rememberMs < performance.now()) {
      const policy = this.db.system((tx) => held(tx, organizationId, profileId));
      known = { policy, at: performance.now() };
      policy.catch(() => this.remembered.delete(profileId));
      if (this.remembered.size >= mostRemembered) this.remembered.clear();
      this.remembered.set(profileId, known);
    }
    return known.policy;
  }

  /** Replaces what is given; the rest stays. For messages that arrive from now on. @throws validation, forbidden */
  async save(actor: Actor, scope: OrganizationId | null, changes: Partial<MediaPolicy>): Promise<MediaPolicyView> {
    assertPossible(changes);
    await inScope(this.db, actor, scope, async (tx) => {
      const { source: _, ...before } = await held(tx, scope);
      const after = merged(before, changes);
      await saveSetting(tx, scope, name, { value: after, secretsSealed: null, updatedBy: actor.userId });
      await recordAudit(tx, actor, { ...settingsRecord(scope, name), before: { ...before }, after: { ...after } });
    });
    this.tell(scope);
    return this.view(scope);
  }

  /** For one profile, in place of what its organization says. Null takes it back. @throws errors.notFound, validation */
  async saveForProfile(actor: Actor, id: ProfileId, changes: Partial<MediaPolicy> | null): Promise<MediaPolicyView> {
    if (changes) assertPossible(changes);
    const scope = actor.organizationId;
    const { source: _, ...before } = await this.viewOfProfile(actor, id);
    await this.db.tenant(actor, async (tx) => {
      const profile = await assertProfile(tx, actor, id);
      const after = changes && merged(before, changes);
      if (after)
        await saveSetting(tx, scope, nameOf(id), { value: after, secretsSealed: null, updatedBy: actor.userId });
      else await deleteSetting(tx, scope, nameOf(id));
      const resource = profileResource(profile);
      await recordAudit(tx, actor, {
        action: 'profile.settings',
        resource,
        before: { media: before },
        after: { media: after },
      });
    });
    this.tell(scope);
    return this.viewOfProfile(actor, id);
  }

  private tell(scope: OrganizationId | null): void {
    this.remembered.clear();
    this.db.wake('settings', settingsScopeId(scope));
  }
}

async function held(tx: Tx, scope: OrganizationId | null, profileId?: string): Promise<MediaPolicyView> {
  const ofProfile = scope && profileId ? await findSetting(tx, scope, nameOf(profileId)) : null;
  if (ofProfile) return { ...defaultMediaPolicy, ...ofProfile.value, source: 'profile' };
  const own = scope === null ? null : await findSetting(tx, scope, name);
  if (own) return { ...defaultMediaPolicy, ...own.value, source: 'organization' };
  const installation = await findSetting(tx, null, name);
  if (installation) return { ...defaultMediaPolicy, ...installation.value, source: 'installation' };
  return { ...defaultMediaPolicy, source: 'default' };
}

function merged(before: MediaPolicy, changes: Partial<MediaPolicy>): MediaPolicy {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...before, ...given };
}

async function assertProfile(tx: Tx, { organizationId }: Actor, id: ProfileId) {
  const profile = await findProfile(tx, { organizationId }, id);
  if (!profile) throw noProfile(id);
  return profile;
}

function assertPossible({ download, maxBytes, kinds }: Partial<MediaPolicy>): void {
  const fields = [];
  if (download !== undefined && download !== 'on_arrival' && download !== 'on_demand') {
    fields.push({ path: 'download', message: 'must be on_arrival or on_demand' });
  }
  if (maxBytes !== undefined && (!Number.isInteger(maxBytes) || maxBytes < 0 || maxBytes > LARGEST_FILE_BYTES)) {
    fields.push({ path: 'maxBytes', message: `must be a whole number from 0 to ${LARGEST_FILE_BYTES}` });
  }
  if (kinds?.some((kind) => !mediaKinds.includes(kind))) {
    fields.push({ path: 'kinds', message: `must be some of ${mediaKinds.join(', ')}` });
  }
  if (fields.length > 0) throw errors.validation({ fields });
}

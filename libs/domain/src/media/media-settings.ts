import { type Actor, errors, type OrganizationId } from '#contracts';
import { type Database, findSetting, saveSetting, type Tx } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { inScope, settingsRecord, settingsScopeId } from '../platform/settings/in-scope.js';
import { defaultMediaPolicy, LARGEST_FILE_BYTES, type MediaPolicy, mediaKinds } from './media-policy.js';

const name = 'media';
/** How long a process goes on with what it knows after a change that it was not told of, milliseconds. */
const rememberMs = 30_000;
const mostRemembered = 5000;

/** What holds, and where it was set. */
export interface MediaPolicyView extends MediaPolicy {
  source: 'organization' | 'installation' | 'default';
}

/** When received files are fetched: as the organization says, else as the installation says. */
export class MediaSettings {
  private readonly remembered = new Map<string, { policy: Promise<MediaPolicyView>; at: number }>();

  constructor(private readonly db: Database) {
    db.listen('settings', () => this.remembered.clear());
  }

  /** What holds in a scope; null is the installation. */
  view(scope: OrganizationId | null): Promise<MediaPolicyView> {
    return this.db.system((tx) => held(tx, scope));
  }

  /** What holds for the messages of an organization, as it was some seconds ago at most. */
  policyOf(organizationId: OrganizationId): Promise<MediaPolicy> {
    let known = this.remembered.get(organizationId);
    if (!known || known.at + rememberMs < performance.now()) {
      known = { policy: this.view(organizationId), at: performance.now() };
      known.policy.catch(() => this.remembered.delete(organizationId));
      if (this.remembered.size >= mostRemembered) this.remembered.clear();
      this.remembered.set(organizationId, known);
    }
    return known.policy;
  }

  /** Replaces what is given; the rest stays. For messages that arrive from now on. @throws validation, forbidden */
  async save(actor: Actor, scope: OrganizationId | null, changes: Partial<MediaPolicy>): Promise<MediaPolicyView> {
    assertPossible(changes);
    await inScope(this.db, actor, scope, async (tx) => {
      const { source: _, ...before } = await held(tx, scope);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const after: MediaPolicy = { ...before, ...given };
      await saveSetting(tx, scope, name, { value: after, secretsSealed: null, updatedBy: actor.userId });
      await recordAudit(tx, actor, { ...settingsRecord(scope, name), before: { ...before }, after: { ...after } });
    });
    this.remembered.clear();
    this.db.wake('settings', settingsScopeId(scope));
    return this.view(scope);
  }
}

async function held(tx: Tx, scope: OrganizationId | null): Promise<MediaPolicyView> {
  const own = scope === null ? null : await findSetting(tx, scope, name);
  if (own) return { ...defaultMediaPolicy, ...own.value, source: 'organization' };
  const installation = await findSetting(tx, null, name);
  if (installation) return { ...defaultMediaPolicy, ...installation.value, source: 'installation' };
  return { ...defaultMediaPolicy, source: 'default' };
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

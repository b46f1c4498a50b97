import { type Actor, errors, type OrganizationId } from '#contracts';
import {
  countUpload,
  type Database,
  findAllowance,
  findOrganization,
  lockAllowance,
  type MediaLimits,
  type MediaUsage,
  saveLimits,
  type Tx,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';

const MB = 1_000_000;

/** What holds where nothing was set, as the settings say it; 0: no limit. */
export interface AllowanceSettings {
  storedMb: number;
  perDay: number;
  fileMb: number;
}

export interface AllowanceView {
  usage: MediaUsage;
  /** What holds. */
  limits: MediaLimits;
  /** What was set for this organization; null: as the installation says. */
  own: MediaLimits;
}

/**
 * How much organizations may keep and upload. Uploads are counted in the transaction that begins them, on a row that it has
 * locked, so that many at once do not go over a limit together.
 */
export class Allowances {
  private readonly byDefault: MediaLimits;

  constructor(
    private readonly db: Database,
    { storedMb, perDay, fileMb }: AllowanceSettings,
  ) {
    this.byDefault = {
      maxStoredBytes: storedMb === 0 ? null : storedMb * MB,
      maxUploadsPerDay: perDay === 0 ? null : perDay,
      maxFileBytes: fileMb === 0 ? null : fileMb * MB,
    };
  }

  /** What holds for organizations without a limit of their own; null: none. */
  get defaultStoredBytes(): number | null {
    return this.byDefault.maxStoredBytes;
  }

  view(actor: Pick<Actor, 'organizationId' | 'reach'>): Promise<AllowanceView> {
    return this.db.tenant(actor, async (tx) => this.shown(await findAllowance(tx, actor.organizationId)));
  }

  /** For administrators of the installation. @throws notFound, forbidden */
  async viewOf(actor: Actor, organizationId: OrganizationId): Promise<AllowanceView> {
    return this.asAdmin(actor, organizationId, async (tx) => this.shown(await findAllowance(tx, organizationId)));
  }

  /** What is undefined stays; null: as the installation says. @throws notFound, forbidden */
  async save(actor: Actor, organizationId: OrganizationId, changes: Partial<MediaLimits>): Promise<AllowanceView> {
    return this.asAdmin(actor, organizationId, async (tx) => {
      const before = this.shown(await lockAllowance(tx, organizationId)).own;
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const after: MediaLimits = { ...before, ...given };
      await saveLimits(tx, organizationId, after);
      await recordAudit(tx, actor, {
        action: 'platform.quota_update',
        resource: { type: 'organization', id: organizationId },
        before: { ...before },
        after: { ...after },
      });
      return this.shown(await findAllowance(tx, organizationId));
    });
  }

  /** Largest file that may be uploaded, as far as the allowance goes. @throws errors.quotaExceeded when nothing may */
  async largestUpload(actor: Pick<Actor, 'organizationId' | 'reach'>): Promise<number> {
    const { usage, limits } = await this.view(actor);
    assertFits(usage, limits, { sizeBytes: 1, isUpload: true });
    return limits.maxFileBytes ?? Number.MAX_SAFE_INTEGER;
  }

  /**
   * Counts an upload and promises it its room; a file that is there already is promised none.
   * @throws errors.quotaExceeded with the figures
   */
  async begin(tx: Tx, organizationId: OrganizationId, upload: { sizeBytes: number; isStored: boolean }): Promise<void> {
    const { usage, limits } = this.shown(await lockAllowance(tx, organizationId));
    assertFits(usage, limits, { sizeBytes: upload.sizeBytes, isUpload: true });
    await countUpload(tx, organizationId, upload.isStored ? 0 : upload.sizeBytes);
  }

  /** Whether a file may be taken for a message. Many at once may go over by what they bring. @throws errors.quotaExceeded */
  async assertRoom(organizationId: OrganizationId): Promise<void> {
    const { usage, limits } = this.shown(await findAllowance(this.db, organizationId));
    assertFits(usage, limits, { sizeBytes: 1, isUpload: false });
  }

  private async asAdmin<T>(actor: Actor, id: OrganizationId, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!actor.isPlatformAdmin) {
      throw errors.forbidden({ message: 'Only administrators of the installation may do this.' });
    }
    return this.db.system(async (tx) => {
      if (!(await findOrganization(tx, id))) {
        throw errors.notFound({ message: 'There is no such organization.', details: { organizationId: id } });
      }
      return work(tx);
    });
  }

  private shown(row: MediaUsage & MediaLimits): AllowanceView {
    const { maxStoredBytes, maxUploadsPerDay, maxFileBytes, ...usage } = row;
    return {
      usage,
      own: { maxStoredBytes, maxUploadsPerDay, maxFileBytes },
      limits: {
        maxStoredBytes: maxStoredBytes ?? this.byDefault.maxStoredBytes,
        maxUploadsPerDay: maxUploadsPerDay ?? this.byDefault.maxUploadsPerDay,
        maxFileBytes: maxFileBytes ?? this.byDefault.maxFileBytes,
      },
    };
  }
}

function assertFits(usage: MediaUsage, limits: MediaLimits, file: { sizeBytes: number; isUpload: boolean }): void {
  const { maxStoredBytes, maxUploadsPerDay, maxFileBytes } = limits;
  const { storedBytes, reservedBytes, uploadsToday } = usage;
  if (maxFileBytes !== null && file.isUpload && file.sizeBytes > maxFileBytes) {
    throw errors.mediaTooLarge({
      message: `The file has ${file.sizeBytes} bytes; the organization may upload ${maxFileBytes} at a time.`,
      details: { sizeBytes: file.sizeBytes, maxBytes: maxFileBytes },
    });
  }
  if (maxUploadsPerDay !== null && file.isUpload && uploadsToday >= maxUploadsPerDay) {
    throw errors.quotaExceeded({
      message: `The organization has made its ${maxUploadsPerDay} uploads of today (UTC).`,
      details: { quota: 'uploadsPerDay', used: uploadsToday, limit: maxUploadsPerDay },
    });
  }
  const used = storedBytes + reservedBytes;
  if (maxStoredBytes !== null && used + file.sizeBytes > maxStoredBytes) {
    throw errors.quotaExceeded({
      message: `The organization keeps ${used} of its ${maxStoredBytes} bytes of media, so there is no room for ${file.isUpload ? `${file.sizeBytes} more` : 'another file'}. Delete uploads, or ask the administrators for more.`,
      details: { quota: 'storedBytes', used, limit: maxStoredBytes, needed: file.sizeBytes },
    });
  }
}

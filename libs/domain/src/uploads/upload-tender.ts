import type { NewEvent } from '#contracts';
import { appendEvents, type Database, markFullOrganizations, removeExpiredUploads } from '#database';
import type { MediaStorage } from '#storage';
import { removeLeftFiles, settleRemoval } from './upload-removal.js';

const AT_ONCE = 200;

/** What has to be done about uploads from time to time. */
export class UploadTender {
  constructor(private readonly parts: { db: Database; storage: MediaStorage; maxStoredBytes: number | null }) {}

  /** Removes uploads that were not finished in time. @returns how many */
  async removeExpired(hasTime: () => boolean): Promise<number> {
    const { db, storage } = this.parts;
    let removed = 0;
    for (let count = AT_ONCE; count === AT_ONCE && hasTime(); ) {
      const { left, ...step } = await db.system(async (tx) => {
        const gone = await removeExpiredUploads(tx, AT_ONCE);
        const { left, events } = await settleRemoval(tx, gone, { reason: 'expired', actor: { kind: 'system' } });
        if (events.length > 0) await appendEvents(tx, events);
        return { left, count: gone.length };
      });
      ({ count } = step);
      removed += count;
      await removeLeftFiles(db, storage, left);
    }
    return removed;
  }

  /** Tells organizations, once each time, that they keep more than they may. @returns how many */
  async tellFull(): Promise<number> {
    return this.parts.db.system(async (tx) => {
      const full = await markFullOrganizations(tx, this.parts.maxStoredBytes, AT_ONCE);
      const events = full.map(
        ({ organizationId, ...payload }): NewEvent<'storage.quota_reached'> => ({
          ...{ organizationId, profileId: null, name: 'storage.quota_reached', actor: { kind: 'system' } },
          payload,
        }),
      );
      if (events.length > 0) await appendEvents(tx, events);
      return full.length;
    });
  }
}

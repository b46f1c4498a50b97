import { completeRetention, idFloor, type OrganizationId, type RetentionDays, type RetentionKind } from '#contracts';
import {
  appendEvents,
  type Database,
  dropOldPartitions,
  findAuditHead,
  listOrganizationPolicies,
  listOrganizationProfiles,
  listStreams,
  listWebhookIds,
  putRetentionRun,
  removeEmptyBatches,
  removeEndedSchedules,
  removeOldCalls,
  removeOldDeliveries,
  removeOldEvents,
  removeOldHookRequests,
  removeOldHours,
  removeOldMedia,
  removeOldMessages,
  removeOldRedeliveries,
  removeUnnamedMedia,
  removeUnusedUploads,
} from '#database';
import type { MediaStorage } from '#storage';
import type { AuditChain } from '../platform/audit-chain.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';
import { removeLeftFiles, settleRemoval } from '../uploads/upload-removal.js';
import { forgetWebhooks } from './forgotten-webhooks.js';
import { removeUnnamedFiles } from './unnamed-files.js';

const DAY_MS = 86_400_000;
/** Rows of one transaction. */
const AT_ONCE = 1000;
const ORGANIZATIONS_AT_ONCE = 100;
/** A partition of messages that is older than this and empty has no further use. */
const EMPTY_AFTER_DAYS = 92;

type Removed = Partial<Record<RetentionKind | 'files', number>>;

/**
 * Removes what organizations do not want to keep any longer, in steps of bounded size. What a turn does not get done the
 * next one goes on with.
 */
export class RetentionEnforcer {
  constructor(private readonly parts: { db: Database; storage: MediaStorage; chain: AuditChain; log: Logger }) {}

  async run(now: Date, hasTime: () => boolean): Promise<{ organizations: number; dropped: string[] }> {
    const { db } = this.parts;
    const dropped = await dropOldPartitions(db, await this.cutoffs(now));
    if (dropped.length > 0) this.parts.log.info({ dropped }, 'partitions that nobody keeps any longer were dropped');
    await forgetWebhooks(db, hasTime);
    let organizations = 0;
    for (let after: string | null = null; hasTime(); ) {
      const page: Awaited<ReturnType<typeof listOrganizationPolicies>> = await listOrganizationPolicies(
        db,
        after,
        ORGANIZATIONS_AT_ONCE,
      );
      for (const { organizationId, days } of page) {
        if (!hasTime()) break;
        await this.enforce(organizationId as OrganizationId, completeRetention(days), now, hasTime);
        organizations += 1;
      }
      if (page.length < ORGANIZATIONS_AT_ONCE) break;
      after = page.at(-1)!.organizationId;
    }
    return { organizations, dropped };
  }

  private async enforce(
    organizationId: OrganizationId,
    days: RetentionDays,
    now: Date,
    hasTime: () => boolean,
  ): Promise<void> {
    const { db, chain, log } = this.parts;
    const startedAt = new Date();
    const removed: Removed = {};
    const before = (kind: RetentionKind) =>
      days[kind] === null ? null : new Date(now.getTime() - days[kind] * DAY_MS);
    const until = async (kind: RetentionKind, step: () => Promise<number>, most: number) => {
      for (let count = most; count >= most && hasTime(); ) {
        count = await step();
        if (count > 0) removed[kind] = (removed[kind] ?? 0) + count;
      }
    };
    await this.messages(organizationId, before('messages'), until, removed);
    await this.media(organizationId, before('media'), until, removed);
    await this.uploads(organizationId, before('uploads'), until, removed);
    const events = before('events');
    if (events) {
      for (const streamId of await listStreams(db, organizationId)) {
        await until('events', () => removeOldEvents(db, streamId, events, AT_ONCE), AT_ONCE);
      }
    }
    const deliveries = before('webhookDeliveries');
    if (deliveries) {
      for (const id of await listWebhookIds(db, organizationId)) {
        const step = () => db.system((tx) => removeOldDeliveries(tx, id, deliveries, AT_ONCE));
        await until('webhookDeliveries', step, AT_ONCE);
        await removeOldHours(db, id, deliveries);
        await removeOldRedeliveries(db, id, deliveries);
      }
    }
    const requests = before('hookRequests');
    if (requests) {
      const step = () => removeOldHookRequests(db, organizationId, idFloor(requests), AT_ONCE);
      await until('hookRequests', step, AT_ONCE);
    }
    const audit = before('audit');
    if (audit) {
      await chain.seal(organizationId);
      await until('audit', () => chain.purge(organizationId, audit), 1);
    }
    await this.tell(organizationId, startedAt, removed);
    const head = await findAuditHead(db, organizationId);
    // A place outside of the database that remembers where the chain was: compare with `npm run audit:verify`.
    if (head) {
      const { lastSeq: seq, lastHash } = head;
      log.info({ organizationId, seq, hash: lastHash.toString('hex') }, 'the audit trail ends here');
    }
  }

  private async messages(
    organizationId: string,
    before: Date | null,
    until: (kind: RetentionKind, step: () => Promise<number>, most: number) => Promise<void>,
    removed: Removed,
  ): Promise<void> {
    if (!before) return;
    const { db, storage } = this.parts;
    for (const { id } of await listOrganizationProfiles(db, organizationId)) {
      const step = async () => {
        const { count, keys } = await db.system(async (tx) => {
          const gone = await removeOldMessages(tx, id, before, AT_ONCE);
          return { count: gone.count, keys: await removeUnnamedMedia(tx, gone.mediaIds) };
        });
        removed.files = (removed.files ?? 0) + (await removeUnnamedFiles(db, storage, keys));
        return count;
      };
      await until('messages', step, AT_ONCE);
      await until('messages', () => removeOldCalls(db, id, before, AT_ONCE), AT_ONCE);
      const removeSchedules = () => db.system((tx) => removeEndedSchedules(tx, id, before, AT_ONCE));
      await until('messages', removeSchedules, AT_ONCE);
      await removeEmptyBatches(db, id, before);
    }
  }

  private async media(
    organizationId: string,
    before: Date | null,
    until: (kind: RetentionKind, step: () => Promise<number>, most: number) => Promise<void>,
    removed: Removed,
  ): Promise<void> {
    if (!before) return;
    const { db, storage } = this.parts;
    const step = async () => {
      const keys = await removeOldMedia(db, organizationId, before, AT_ONCE);
      removed.files = (removed.files ?? 0) + (await removeUnnamedFiles(db, storage, [...new Set(keys)]));
      return keys.length;
    };
    await until('media', step, AT_ONCE);
  }

  private async uploads(
    organizationId: string,
    before: Date | null,
    until: (kind: RetentionKind, step: () => Promise<number>, most: number) => Promise<void>,
    removed: Removed,
  ): Promise<void> {
    if (!before) return;
    const { db, storage } = this.parts;
    const step = async () => {
      const { count, left } = await db.system(async (tx) => {
        const gone = await removeUnusedUploads(tx, organizationId, before, AT_ONCE);
        const { left, events } = await settleRemoval(tx, gone, { reason: 'unused', actor: { kind: 'system' } });
        if (events.length > 0) await appendEvents(tx, events);
        return { count: gone.length, left };
      });
      removed.files = (removed.files ?? 0) + (await removeLeftFiles(db, storage, left));
      return count;
    };
    await until('uploads', step, AT_ONCE);
  }

  private async tell(organizationId: OrganizationId, startedAt: Date, removed: Removed): Promise<void> {
    const figures = Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0));
    await this.parts.db.system(async (tx) => {
      await putRetentionRun(tx, organizationId, { startedAt, finishedAt: new Date(), removed: figures });
      if (Object.keys(figures).length === 0) return;
      const by = { kind: 'system', organizationId } as const;
      const resource = { type: 'retention_policy', id: null };
      if (figures.audit)
        await recordAudit(tx, by, { action: 'audit.purge', resource, after: { entries: figures.audit } });
      await recordAudit(tx, by, { action: 'retention.enforce', resource, after: figures });
      await appendEvents(tx, [
        {
          organizationId,
          profileId: null,
          name: 'retention.enforced',
          actor: { kind: 'system' },
          payload: { removed: figures },
        },
      ]);
    });
  }

  /** What no organization keeps any longer; null where one keeps for ever. */
  private async cutoffs(now: Date) {
    const longest = { events: 0, webhookDeliveries: 0 };
    const { db } = this.parts;
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof listOrganizationPolicies>> = await listOrganizationPolicies(
        db,
        after,
        ORGANIZATIONS_AT_ONCE,
      );
      for (const policy of page) {
        const days = completeRetention(policy.days);
        for (const kind of ['events', 'webhookDeliveries'] as const) {
          longest[kind] = Math.max(longest[kind], days[kind] ?? Number.POSITIVE_INFINITY);
        }
      }
      if (page.length < ORGANIZATIONS_AT_ONCE) break;
      after = page.at(-1)!.organizationId;
    }
    const ago = (days: number) => (Number.isFinite(days) && days > 0 ? new Date(now.getTime() - days * DAY_MS) : null);
    return {
      events: ago(longest.events),
      webhookDeliveries: ago(longest.webhookDeliveries),
      messages: new Date(now.getTime() - EMPTY_AFTER_DAYS * DAY_MS),
    };
  }
}

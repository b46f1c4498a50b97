import { type Actor, errors, newId, type OrganizationId } from '#contracts';
import {
  type Database,
  findPlaceInUse,
  insertPlace,
  retirePlace,
  type Sealer,
  type StoragePlaceRow,
  type Tx,
  updatePlace,
} from '#database';
import { S3Storage } from '#storage';
import type { OutboundClient } from '../../outbound/outbound-client.js';
import { OutboundFailure, toOutboundFailure } from '../../outbound/outbound-failure.js';
import { recordAudit } from '../audit-trail.js';
import { inScope, recordTest, settingsRecord, settingsScopeId } from '../settings/in-scope.js';
import { serverOf } from './media-places.js';
import { placeContext, type ShownStorageServer, type StorageServer } from './storage-server.js';

/** What a save brings; without keys those that are stored stay, as long as endpoint and bucket stay. */
export type StorageDraft = ShownStorageServer & { accessKey?: string; secretKey?: string };

/** Where new media are written, and where that was set. `disk` is DATA_DIR. */
export interface StorageView {
  source: 'organization' | 'installation' | 'environment';
  type: 'local' | 's3';
  server: ShownStorageServer | null;
  hasKeys: boolean;
}

/** The outcome of a test. `problem` is a sentence; absent when all went well. */
export interface StorageTest {
  problem?: string;
  bucketMissing: boolean;
  bucketCreated: boolean;
}

/**
 * Where new media go: an organization's own bucket, else the installation's, else the disk. Media that exist stay where
 * they are and are read from there.
 */
export class StorageSettings {
  constructor(private readonly parts: { db: Database; sealer: Sealer; outbound: OutboundClient }) {}

  /** What holds in a scope. */
  async view(scope: OrganizationId | null): Promise<StorageView> {
    return this.parts.db.system(async (tx) => {
      const own = scope === null ? null : await findPlaceInUse(tx, scope);
      if (own) return shown(own, 'organization');
      const installation = await findPlaceInUse(tx, null);
      if (installation) return shown(installation, 'installation');
      return { source: 'environment', type: 'local', server: null, hasKeys: false };
    });
  }

  /**
   * New media go to this bucket. It is tried first: what cannot be written to is not taken.
   * @throws validation when keys must be given again; urlNotAllowed; storageRefused
   */
  async save(actor: Actor, scope: OrganizationId | null, draft: StorageDraft): Promise<StorageView> {
    const server = await this.complete(scope, draft);
    const { problem, bucketMissing } = await this.trial(server, {});
    if (problem !== undefined || bucketMissing) {
      throw errors.storageRefused({
        message: problem ?? 'The bucket does not exist. Create it, or test with createBucket.',
      });
    }
    const sealer = await this.parts.sealer.forScope(scope);
    await inScope(this.parts.db, actor, scope, async (tx) => {
      const before = await findPlaceInUse(tx, scope);
      const { accessKey, secretKey, ...value } = server;
      const seal = (id: string) => sealer.seal(JSON.stringify({ accessKey, secretKey }), placeContext(id));
      if (before && isSameBucket(before, server)) {
        await updatePlace(tx, before.id, { value, secretsSealed: seal(before.id) });
      } else {
        await retirePlace(tx, scope);
        const id = newId();
        await insertPlace(tx, { id, organizationId: scope, value, secretsSealed: seal(id), createdBy: actor.userId });
      }
      await this.audit(tx, actor, scope, before, value);
    });
    this.parts.db.wake('settings', settingsScopeId(scope));
    return this.view(scope);
  }

  /** New media go where they go without it. */
  async remove(actor: Actor, scope: OrganizationId | null): Promise<StorageView> {
    await inScope(this.parts.db, actor, scope, async (tx) => {
      const before = await findPlaceInUse(tx, scope);
      if (!(await retirePlace(tx, scope))) return;
      await this.audit(tx, actor, scope, before, null);
    });
    this.parts.db.wake('settings', settingsScopeId(scope));
    return this.view(scope);
  }

  /**
   * Writes, reads and removes a small object, in what is in force or in a candidate.
   * @throws validation when there is no bucket to test; urlNotAllowed
   */
  async test(
    actor: Actor,
    scope: OrganizationId | null,
    given: { candidate?: StorageDraft; createBucket?: boolean },
  ): Promise<StorageTest> {
    const server = given.candidate ? await this.complete(scope, given.candidate) : await this.inForce(scope);
    if (!server) throw errors.validation({ message: 'Media are kept on the disk. Give a bucket to test.' });
    await recordTest(this.parts.db, actor, scope, 'storage');
    return this.trial(server, given);
  }

  private async trial(server: StorageServer, options: { createBucket?: boolean }): Promise<StorageTest> {
    const agents = this.parts.outbound.agents();
    try {
      return await new S3Storage(server, agents).test(options);
    } catch (failure) {
      return { problem: sentenceOf(failure), bucketMissing: false, bucketCreated: false };
    } finally {
      agents.http.destroy();
      agents.https.destroy();
    }
  }

  private async complete(scope: OrganizationId | null, draft: StorageDraft): Promise<StorageServer> {
    if (draft.endpoint !== undefined) await this.parts.outbound.assertUrlAllowed(draft.endpoint, 's3Endpoint');
    const { accessKey, secretKey } = draft;
    if (accessKey !== undefined && secretKey !== undefined) return { ...draft, accessKey, secretKey };
    const before = await this.parts.db.system((tx) => findPlaceInUse(tx, scope));
    if (!before || !isSameBucket(before, draft)) {
      const message = 'must be given with a new endpoint or bucket';
      throw errors.validation({
        fields: ['s3AccessKey', 's3SecretKey'].map((path) => ({ path, message })),
      });
    }
    const stored = await serverOf(this.parts.sealer, before);
    return { ...draft, accessKey: accessKey ?? stored.accessKey, secretKey: secretKey ?? stored.secretKey };
  }

  private async inForce(scope: OrganizationId | null): Promise<StorageServer | null> {
    const row = await this.parts.db.system(
      async (tx) => (scope === null ? null : await findPlaceInUse(tx, scope)) ?? (await findPlaceInUse(tx, null)),
    );
    return row && serverOf(this.parts.sealer, row);
  }

  private audit(
    tx: Tx,
    actor: Actor,
    scope: OrganizationId | null,
    before: StoragePlaceRow | null,
    after: Record<string, unknown> | null,
  ): Promise<void> {
    return recordAudit(tx, actor, {
      ...settingsRecord(scope, 'storage'),
      before: before?.value,
      after: after ?? undefined,
    });
  }
}

function isSameBucket(before: StoragePlaceRow, draft: ShownStorageServer): boolean {
  const { endpoint, bucket, region } = before.value as unknown as ShownStorageServer;
  return endpoint === draft.endpoint && bucket === draft.bucket && region === draft.region;
}

function shown(row: StoragePlaceRow, source: StorageView['source']): StorageView {
  return { source, type: 's3', server: row.value as unknown as ShownStorageServer, hasKeys: true };
}

/** S3's own words where it answered, ours where nothing did. Never an address inside. */
function sentenceOf(failure: unknown): string {
  const { name, message, $metadata } = failure as {
    name: string;
    message: string;
    $metadata?: { httpStatusCode?: number };
  };
  if ($metadata?.httpStatusCode !== undefined) {
    return `The service answered ${$metadata.httpStatusCode}: ${name}${message && message !== name ? `, ${message.slice(0, 200)}` : ''}`;
  }
  const cause = failure instanceof OutboundFailure ? failure : toOutboundFailure(failure);
  return cause.message;
}

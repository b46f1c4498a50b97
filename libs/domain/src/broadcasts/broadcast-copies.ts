import { type Actor, type BroadcastId, eventActor, newId, type ProfileId } from '#contracts';
import { appendEvents, type Database, insertBroadcast, putSenders } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { type StartedBroadcast, startBroadcast } from './broadcast-control.js';
import { type BroadcastPreparer, keepPrepared, namedFiles } from './broadcast-preparer.js';
import { assertVariables, broadcastEvent, getBroadcast, resourceOf } from './broadcasts.js';

/** Which broadcast is copied, and what of the copy is another. */
export interface CopyDraft {
  profileId: ProfileId;
  broadcastId: BroadcastId;
  /** Default: that of the original. */
  name?: string;
  /** Values for places of its texts, the same for all recipients; beside those of the original. */
  variables?: Record<string, unknown>;
}

/** Broadcasts that are made of another one, which stays as it is, so that one draft can be sent time and again. */
export class BroadcastCopies {
  constructor(
    private readonly db: Database,
    private readonly preparer: BroadcastPreparer,
  ) {}

  /**
   * Makes a broadcast of what another one says at this moment, for the same audience, and starts it: one transaction. It is
   * sent by the profile itself, whatever numbers the original has besides.
   * @throws notFound, broadcastEmpty, validation, and what `BroadcastPreparer.prepare` throws
   */
  async start(actor: Actor, draft: CopyDraft, once?: Once<StartedBroadcast>): Promise<StartedBroadcast> {
    const { organizationId } = actor;
    const { profileId, broadcastId } = draft;
    assertVariables(draft.variables, 'variables');
    const original = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, broadcastId));
    const prepared = await this.preparer.prepare(actor, original.variants);
    return this.db.tenant(actor, async (tx) => {
      const { variants, audience, timeZone, settings } = original;
      const words = {
        ...{ variants, audience, timeZone, mediaIds: namedFiles(audience, null) },
        name: draft.name ?? original.name,
        settings: { ...settings, variables: { ...settings.variables, ...draft.variables } },
      };
      const row = await insertBroadcast(tx, { ...words, id: newId(), organizationId, profileId, parentId: null });
      await putSenders(tx, row, [profileId]);
      const by = eventActor(actor);
      const started = await startBroadcast(tx, row, by, await keepPrepared(tx, row, prepared));
      await recordAudit(tx, actor, {
        action: 'broadcast.start',
        resource: resourceOf(row),
        after: { recipientCount: started.recipientCount, copyOf: broadcastId },
      });
      await once?.(tx, started);
      await appendEvents(tx, [
        broadcastEvent(row, 'broadcast.created', by),
        broadcastEvent(started.broadcast, 'broadcast.started', by),
      ]);
      return started;
    });
  }
}

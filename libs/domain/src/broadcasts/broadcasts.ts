import {
  type Actor,
  type BroadcastId,
  type BroadcastSettings,
  type BroadcastState,
  type BroadcastVariant,
  defaultBroadcastSettings,
  errors,
  eventActor,
  type NewEvent,
  newId,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  type BroadcastRow,
  type BroadcastSenderRow,
  type BroadcastWords,
  type Database,
  deleteBroadcast,
  findBroadcast,
  holdProfiles,
  insertBroadcast,
  listBroadcasts,
  listSenders,
  putSenders,
  releaseRecipients,
  shortenPauses,
  type Tx,
  updateBroadcast,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { type AudienceFiles, type AudienceGiven, keepFiles } from './audience-files.js';
import { type BroadcastFigures, figuresOf } from './broadcast-figures.js';
import { readMessage } from './broadcast-message.js';
import { type BroadcastPreparer, keepPrepared, namedFiles } from './broadcast-preparer.js';
import { endWaiting } from './waiting-messages.js';

/** What somebody wants of a broadcast; on a change, what is undefined stays. */
export interface BroadcastDraft {
  profileId: ProfileId;
  name: string;
  variants: BroadcastVariant[];
  audience: AudienceGiven[];
  settings?: Partial<BroadcastSettings>;
  timeZone?: string;
  /** The numbers that send; none: the profile alone. */
  senders?: ProfileId[];
}
export type BroadcastChanges = Partial<Omit<BroadcastDraft, 'profileId'>>;

/** A broadcast with its numbers and its figures at this moment. */
export interface BroadcastView {
  broadcast: BroadcastRow;
  senders: BroadcastSenderRow[];
  figures: BroadcastFigures;
}

const MOST_VARIABLE_BYTES = 16 * 1024;

/** Broadcasts and what they say. What they do is `BroadcastControl`'s. */
export class Broadcasts {
  constructor(
    private readonly db: Database,
    private readonly files: Pick<AudienceFiles, 'take'>,
    private readonly preparer: BroadcastPreparer,
  ) {}

  /** A draft. @throws notFound (a profile, an upload), validation, and what `AudienceFiles.take` throws */
  async create(actor: Actor, draft: BroadcastDraft, once?: Once<BroadcastView>): Promise<BroadcastView> {
    const { profileId, senders = [profileId] } = draft;
    const taken = await this.files.take(actor, draft.audience);
    const words = checked({
      name: draft.name,
      variants: draft.variants,
      audience: taken.audience,
      settings: { ...defaultBroadcastSettings, ...draft.settings },
      timeZone: draft.timeZone ?? 'UTC',
    });
    return this.db.tenant(actor, async (tx) => {
      const { organizationId } = actor;
      await assertSenders(tx, actor, [profileId, ...senders]);
      await keepFiles(tx, actor, taken);
      const mediaIds = taken.files.map(({ id }) => id);
      const made = { ...words, id: newId<BroadcastId>(), organizationId, profileId, parentId: null, mediaIds };
      const row = await insertBroadcast(tx, made);
      await putSenders(tx, row, senders);
      await recordAudit(tx, actor, { action: 'broadcast.create', resource: resourceOf(row), after: factsOf(row) });
      const [view] = await viewsOf(tx, [row]);
      await once?.(tx, view!);
      await appendEvents(tx, [broadcastEvent(row, 'broadcast.created', eventActor(actor))]);
      return view!;
    });
  }

  /** Newest first. */
  list(
    actor: Actor,
    page: {
      profileId?: ProfileId;
      state?: BroadcastState;
      parentId?: BroadcastId;
      before?: BroadcastId;
      offset?: number;
      limit: number;
    },
  ): Promise<BroadcastView[]> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => viewsOf(tx, await listBroadcasts(tx, { organizationId, ...page })));
  }

  /** @throws notFound */
  get(actor: Actor, id: BroadcastId): Promise<BroadcastView> {
    return this.db.tenant(actor, async (tx) => (await viewsOf(tx, [await getBroadcast(tx, actor, id)]))[0]!);
  }

  /**
   * Before it begins all of it; while it is paused, or failed, how it sends and which numbers do: a number that is taken out
   * gives back what it has not sent. @throws notFound, broadcastState, validation, and what `create` throws
   */
  async update(actor: Actor, id: BroadcastId, changes: BroadcastChanges): Promise<BroadcastView> {
    const seen = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    assertChangeable(seen, changes);
    const taken = changes.audience && (await this.files.take(actor, changes.audience));
    const isReady = seen.prepared !== null && changes.variants !== undefined;
    const ready = isReady ? await this.preparer.prepare(actor, changes.variants!) : null;
    return this.db.tenant(actor, async (tx) => {
      const before = await getBroadcast(tx, actor, id, 'lock');
      assertChangeable(before, changes);
      if (before.updatedAt.getTime() !== seen.updatedAt.getTime()) throw changedMeanwhile();
      const words = checked({
        name: changes.name ?? before.name,
        variants: changes.variants ?? before.variants,
        audience: taken?.audience ?? before.audience,
        settings: { ...before.settings, ...changes.settings },
        timeZone: changes.timeZone ?? before.timeZone,
      });
      await keepFiles(tx, actor, taken ?? { audience: [], files: [] });
      const events = changes.senders ? await this.changeSenders(tx, actor, before, changes.senders) : [];
      const prepared = ready ? await keepPrepared(tx, before, ready) : before;
      const mediaIds = namedFiles(words.audience, prepared.prepared);
      const row = await updateBroadcast(tx, id, { ...words, prepared: prepared.prepared, mediaIds });
      if (changes.settings) await shortenPauses(tx, id, row.settings.delayMin);
      await recordAudit(tx, actor, {
        action: 'broadcast.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [...events, broadcastEvent(row, 'broadcast.updated', eventActor(actor))]);
      return (await viewsOf(tx, [row]))[0]!;
    });
  }

  /** With its list of recipients; its messages stay. Not while it may send. @throws notFound, broadcastState */
  async delete(actor: Actor, id: BroadcastId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await getBroadcast(tx, actor, id, 'lock');
      // What rests would rest for ever without it.
      assertState(row, ['draft', 'scheduled', 'completed', 'cancelled']);
      await deleteBroadcast(tx, id);
      await recordAudit(tx, actor, { action: 'broadcast.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [broadcastEvent(row, 'broadcast.deleted', eventActor(actor))]);
    });
  }

  private async changeSenders(
    tx: Tx,
    actor: Actor,
    row: BroadcastRow,
    senders: readonly ProfileId[],
  ): Promise<NewEvent[]> {
    await assertSenders(tx, actor, senders);
    const gone = (await listSenders(tx, [row.id])).filter(({ profileId }) => !senders.includes(profileId));
    await putSenders(tx, row, senders);
    const events: NewEvent[] = [];
    // A broadcast has few numbers.
    for (const { profileId } of gone) {
      events.push(...(await endWaiting(tx, row.id, { kind: 'sender', profileId })));
      await releaseRecipients(tx, row.id, profileId);
    }
    return events;
  }
}

/** What may be changed while nothing of it goes out, though it has begun. */
const changeableLater: readonly string[] = ['name', 'settings', 'senders'];

/** @throws broadcastState */
function assertChangeable(row: BroadcastRow, changes: BroadcastChanges): void {
  const isBegun = row.startedAt !== null;
  assertState(row, isBegun ? ['paused', 'failed'] : ['draft', 'scheduled', 'failed']);
  const fixed = Object.entries(changes).find(([name, value]) => value !== undefined && !changeableLater.includes(name));
  if (!isBegun || !fixed) return;
  const message = 'The broadcast has begun: what it says and whom it is for is fixed. Make another one.';
  throw errors.broadcastState({ message, details: { state: row.state } });
}

/** @throws notFound */
export async function getBroadcast(tx: Tx, actor: Actor, id: BroadcastId, lock?: 'lock'): Promise<BroadcastRow> {
  const row = await findBroadcast(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such broadcast.', details: { broadcastId: id } });
  return row;
}

/** @throws broadcastState */
export function assertState({ state }: BroadcastRow, allowed: readonly BroadcastState[]): void {
  if (allowed.includes(state)) return;
  const message = `The broadcast is ${state}; this is possible while it is ${allowed.join(' or ')}.`;
  throw errors.broadcastState({ message, details: { state, allowed } });
}

/** Broadcasts with what belongs to them, in two reads. */
export async function viewsOf(tx: Tx, rows: BroadcastRow[]): Promise<BroadcastView[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const [senders, figures] = await Promise.all([listSenders(tx, ids), figuresOf(tx, ids)]);
  return rows.map((broadcast) => ({
    broadcast,
    senders: senders.filter((sender) => sender.broadcastId === broadcast.id),
    figures: figures.get(broadcast.id)!,
  }));
}

export const changedMeanwhile = () =>
  errors.broadcastState({ message: 'The broadcast was changed at this moment; try again.' });

/** Something that happened to a broadcast as a whole. */
export function broadcastEvent(
  { id, organizationId, profileId, parentId, name: called, state, stateReason }: BroadcastRow,
  name:
    | `broadcast.${'created' | 'updated' | 'deleted' | 'scheduled' | 'started'}`
    | `broadcast.${'paused' | 'resumed' | 'cancelled' | 'failed'}`,
  actor: NewEvent['actor'],
): NewEvent {
  const payload = { broadcastId: id, parentId, name: called, state, reason: stateReason };
  return { organizationId, profileId, name, actor, payload };
}

export const resourceOf = ({ id, name }: BroadcastRow) => ({ type: 'broadcast', id, name });
const factsOf = ({ name, profileId, state, settings, timeZone }: BroadcastRow) => ({
  name,
  profileId,
  state,
  settings,
  timeZone,
});

async function assertSenders(tx: Tx, actor: Actor, profileIds: readonly string[]): Promise<void> {
  const seen = await holdProfiles(tx, actor.organizationId, profileIds);
  const missing = profileIds.find((id) => !seen.has(id));
  if (missing) throw errors.notFound({ message: 'There is no such profile.', details: { profileId: missing } });
}

/** @throws validation */
function checked(words: BroadcastWords): BroadcastWords {
  const { variants, settings } = words;
  for (const [index, { message }] of variants.entries()) {
    readMessage(message, variants.length === 1 ? 'message' : `variants.${index}.message`);
  }
  if (settings.delayMax < settings.delayMin) {
    throw errors.validation({ fields: [{ path: 'settings.delayMax', message: 'must not be less than delayMin' }] });
  }
  assertVariables(settings.variables, 'settings.variables');
  return words;
}

/** Values for all recipients are read whenever some of them are queued. @throws validation */
export function assertVariables(variables: Record<string, unknown> = {}, path: string): void {
  if (Buffer.byteLength(JSON.stringify(variables)) <= MOST_VARIABLE_BYTES) return;
  throw errors.validation({ fields: [{ path, message: `must be at most ${MOST_VARIABLE_BYTES} bytes as JSON` }] });
}

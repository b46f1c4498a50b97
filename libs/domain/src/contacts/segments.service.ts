import {
  type Actor,
  type ContactFilter,
  type ContactId,
  errors,
  eventActor,
  newId,
  type ProfileId,
  type SegmentId,
} from '#contracts';
import {
  appendEvents,
  type ContactRow,
  countContacts,
  type Database,
  deleteSegment,
  findSegment,
  holdProfile,
  insertSegment,
  listContacts,
  listSegments,
  type SegmentRow,
  type Tx,
  updateSegment,
} from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';

export interface SegmentDraft {
  profileId: ProfileId;
  name: string;
  description?: string | null;
  filter: ContactFilter;
}

/** Filters over contacts that have a name. Who is in one is asked each time: it is never out of date. */
export class Segments {
  constructor(private readonly db: Database) {}

  /** @throws notFound (the profile), segmentNameTaken */
  async create(actor: Actor, draft: SegmentDraft, once?: Once<SegmentRow>): Promise<SegmentRow> {
    const { organizationId } = actor;
    const { profileId, name, description = null, filter } = draft;
    return this.db.tenant(actor, async (tx) => {
      if (!(await holdProfile(tx, organizationId, profileId))) throw errors.notFound({ details: { profileId } });
      const made = { id: newId<SegmentId>(), organizationId, profileId, name, description, filter };
      const row = await insertSegment(tx, made);
      if (!row) throw nameTaken(name);
      await recordAudit(tx, actor, { action: 'segment.create', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [event(actor, 'segment.created', row)]);
      return row;
    });
  }

  /** Oldest first. */
  list(actor: Actor, page: { profileId?: ProfileId; after?: SegmentId; limit: number }): Promise<SegmentRow[]> {
    return this.db.tenant(actor, (tx) => listSegments(tx, actor.organizationId, page));
  }

  /** With how many contacts are in it now. @throws notFound */
  get(actor: Actor, id: SegmentId): Promise<{ segment: SegmentRow; count: number }> {
    return this.db.tenant(actor, async (tx) => {
      const segment = await found(tx, actor, id);
      return { segment, count: await countContacts(tx, segment.profileId, { filters: [segment.filter] }) };
    });
  }

  /** What is undefined stays. @throws notFound, segmentNameTaken */
  async update(
    actor: Actor,
    id: SegmentId,
    changes: Partial<Pick<SegmentDraft, 'name' | 'description' | 'filter'>>,
  ): Promise<SegmentRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id, 'lock');
      const { name = before.name, filter = before.filter } = changes;
      const description = changes.description === undefined ? before.description : changes.description;
      const row = await updateSegment(tx, before, { name, description, filter });
      if (!row) throw nameTaken(name);
      await recordAudit(tx, actor, {
        action: 'segment.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [event(actor, 'segment.updated', row)]);
      return row;
    });
  }

  /** The contacts stay. @throws notFound */
  async delete(actor: Actor, id: SegmentId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await found(tx, actor, id, 'lock');
      await deleteSegment(tx, id);
      await recordAudit(tx, actor, { action: 'segment.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [event(actor, 'segment.deleted', row)]);
    });
  }

  /** Whom a filter means now: how many, and the newest of them. @throws notFound */
  preview(
    actor: Actor,
    profileId: ProfileId,
    filter: ContactFilter,
    page: { before?: ContactId; limit: number },
  ): Promise<{ count: number; contacts: ContactRow[] }> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const selection = { filters: [filter] };
      const contacts = await listContacts(tx, profileId, selection, page);
      return { count: await countContacts(tx, profileId, selection), contacts };
    });
  }
}

async function found(tx: Tx, actor: Actor, id: SegmentId, lock?: 'lock'): Promise<SegmentRow> {
  const row = await findSegment(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such segment.', details: { segmentId: id } });
  return row;
}

const nameTaken = (name: string) => errors.segmentNameTaken({ details: { name } });
const resourceOf = ({ id, name }: SegmentRow) => ({ type: 'segment', id, name });
const factsOf = ({ name, description, filter }: SegmentRow) => ({ name, description, filter: JSON.stringify(filter) });

function event(
  actor: Actor,
  name: 'segment.created' | 'segment.updated' | 'segment.deleted',
  { id, name: called, organizationId, profileId }: SegmentRow,
) {
  return { organizationId, profileId, name, actor: eventActor(actor), payload: { id, name: called } };
}

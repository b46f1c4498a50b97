import {
  type Actor,
  type ContactFieldId,
  type ContactFieldType,
  customFieldKey,
  errors,
  eventActor,
  holdsEverywhere,
  newId,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  type ContactFieldRow,
  countContactFields,
  type Database,
  deleteContactField,
  insertContactField,
  listContactFields,
  lockContactField,
  type Tx,
  updateContactField,
} from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';

/** Most that one profile, or the organization as such, may define. */
const MOST = 100;
const MOST_CHOICES = 100;

export interface ContactFieldDraft {
  /** Null: for all profiles of the organization. */
  profileId: ProfileId | null;
  key: string;
  label?: string;
  type: ContactFieldType;
  choices?: string[];
}

/**
 * What the custom fields of contacts may hold. A definition is about values that are given from then on; those that are
 * there stay, and what is not defined holds anything.
 */
export class ContactFields {
  constructor(private readonly db: Database) {}

  /** Those that hold for a profile, in the alphabet of their keys. @throws notFound */
  list(actor: Actor, profileId: ProfileId): Promise<ContactFieldRow[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listContactFields(tx, actor.organizationId, profileId);
    });
  }

  /** @throws notFound, contactFieldTaken, validation, forbidden (for all profiles, when the actor may not there) */
  async create(actor: Actor, draft: ContactFieldDraft, once?: Once<ContactFieldRow>): Promise<ContactFieldRow> {
    const { organizationId } = actor;
    const { profileId, key, type, label = key } = draft;
    const choices = checkChoices(type, draft.choices ?? []);
    if (!customFieldKey.test(key)) {
      const message = 'must begin with a letter, digit or _ and go on with these, space, dot or dash, up to 64 in all';
      throw errors.validation({ fields: [{ path: 'key', message }] });
    }
    if (profileId === null) assertEverywhere(actor);
    return this.db.tenant(actor, async (tx) => {
      if (profileId) await assertProfile(tx, actor, profileId);
      if ((await countContactFields(tx, organizationId, profileId)) >= MOST) {
        throw errors.tooManyContactFields({
          message: `There are ${MOST} fields already. Delete one that is not needed.`,
        });
      }
      const id = newId<ContactFieldId>();
      const row = await insertContactField(tx, { id, organizationId, profileId, key, label, type, choices });
      if (!row) throw errors.contactFieldTaken({ details: { key } });
      await recordAudit(tx, actor, { action: 'contact_field.create', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [event(actor, 'contact_field.created', row)]);
      return row;
    });
  }

  /** Key and type stay: values were read by them. @throws notFound, validation, forbidden */
  async update(
    actor: Actor,
    id: ContactFieldId,
    changes: { label?: string; choices?: string[] },
  ): Promise<ContactFieldRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id);
      const choices = changes.choices ? checkChoices(before.type, changes.choices) : before.choices;
      const row = await updateContactField(tx, id, { label: changes.label ?? before.label, choices });
      await recordAudit(tx, actor, {
        action: 'contact_field.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [event(actor, 'contact_field.updated', row)]);
      return row;
    });
  }

  /** The values of contacts stay. @throws notFound, forbidden */
  async delete(actor: Actor, id: ContactFieldId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await found(tx, actor, id);
      await deleteContactField(tx, id);
      await recordAudit(tx, actor, { action: 'contact_field.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [event(actor, 'contact_field.deleted', row)]);
    });
  }
}

async function found(tx: Tx, actor: Actor, id: ContactFieldId): Promise<ContactFieldRow> {
  const row = await lockContactField(tx, actor.organizationId, id);
  if (!row) throw errors.notFound({ message: 'There is no such field.', details: { contactFieldId: id } });
  if (row.profileId === null) assertEverywhere(actor);
  return row;
}

/** What holds for all profiles is changed by who may change the contacts of all. */
function assertEverywhere(actor: Actor): void {
  if (holdsEverywhere(actor, 'contacts.write')) return;
  throw errors.forbidden({
    message: 'Fields of the whole organization need contacts.write in the whole organization.',
  });
}

function checkChoices(type: ContactFieldType, given: string[]): string[] {
  const choices = [...new Map(given.map((each) => [each.trim().toLowerCase(), each.trim()])).values()];
  const isRight = type === 'choice' ? choices.length > 0 && choices.length <= MOST_CHOICES : choices.length === 0;
  if (isRight && choices.every((choice) => choice !== '')) return choices;
  const message = type === 'choice' ? `must be 1 to ${MOST_CHOICES} texts` : 'is only for fields of the type choice';
  throw errors.validation({ fields: [{ path: 'choices', message }] });
}

const resourceOf = ({ id, label }: ContactFieldRow) => ({ type: 'contact_field', id, name: label });
const factsOf = ({ key, label, type, choices }: ContactFieldRow) => ({ key, label, type, choices });

function event(
  actor: Actor,
  name: 'contact_field.created' | 'contact_field.updated' | 'contact_field.deleted',
  { id, label, organizationId, profileId }: ContactFieldRow,
) {
  return { organizationId, profileId, name, actor: eventActor(actor), payload: { id, name: label } };
}

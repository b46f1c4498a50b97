import {
  type Actor,
  type ContactId,
  errors,
  eventActor,
  type NewEvent,
  narrowTo,
  newId,
  type ProfileId,
  type TemplateCategory,
  type TemplateContent,
  type TemplateId,
  type TemplateType,
} from '#contracts';
import {
  appendEvents,
  type Database,
  deleteTemplate,
  findContacts,
  findTemplate,
  hasTemplateNamed,
  holdProfile,
  insertTemplate,
  keepTemplateVersion,
  listTemplates,
  listTemplateVersions,
  type TemplateRow,
  type TemplateVersionRow,
  type Tx,
  updateTemplate,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { type AddressedContact, contactValues } from './contact-values.js';
import { TemplateTexts } from './template-content.js';
import type { RenderOptions, TemplateValues } from './template-language.js';

export interface TemplateDraft {
  profileId: ProfileId;
  name: string;
  category?: TemplateCategory;
  messageType: TemplateType;
  content: TemplateContent;
}

/** What is undefined stays; a null category is none. */
export interface TemplateChanges {
  name?: string;
  category?: TemplateCategory | null;
  messageType?: TemplateType;
  content?: TemplateContent;
}

export interface TemplatePreview {
  template: TemplateRow;
  rendered: TemplateContent;
  /** Variables that it needs and that have no value. */
  missing: string[];
}

/** Messages that are written once and filled in for each recipient. */
export class Templates {
  constructor(private readonly db: Database) {}

  /** @throws notFound (profile), templateNameTaken, validation */
  async create(actor: Actor, draft: TemplateDraft, once?: Once<TemplateRow>): Promise<TemplateRow> {
    const { variables } = TemplateTexts.read(draft.messageType, draft.content);
    return this.db.tenant(actor, (tx) =>
      add(tx, actor, { ...draft, category: draft.category ?? null, variables }, 'template.create', once),
    );
  }

  /** Oldest first. */
  list(
    actor: Actor,
    page: {
      profileId?: ProfileId;
      category?: TemplateCategory;
      search?: string;
      after?: TemplateId;
      limit: number;
    },
  ): Promise<TemplateRow[]> {
    return this.db.tenant(actor, (tx) => listTemplates(tx, { organizationId: actor.organizationId, ...page }));
  }

  /** @throws notFound */
  get(actor: Actor, id: TemplateId): Promise<TemplateRow> {
    return this.db.tenant(actor, (tx) => found(tx, actor, id));
  }

  /** What it said before; newest first. @throws notFound */
  async versions(
    actor: Actor,
    id: TemplateId,
    page: { before?: number; limit: number },
  ): Promise<TemplateVersionRow[]> {
    return this.db.tenant(actor, async (tx) => {
      await found(tx, actor, id);
      return listTemplateVersions(tx, id, page);
    });
  }

  /** A change of what it says makes a new version. @throws notFound, templateNameTaken, validation */
  async update(actor: Actor, id: TemplateId, changes: TemplateChanges): Promise<TemplateRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id, 'lock');
      const { messageType = before.messageType, content = before.content, name = before.name } = changes;
      const { variables } = TemplateTexts.read(messageType, content);
      if (await hasTemplateNamed(tx, before.profileId, name, id)) throw nameTaken(name);
      const saysOther = changes.content !== undefined || messageType !== before.messageType;
      const category = changes.category === undefined ? before.category : changes.category;
      const version = before.version + (saysOther ? 1 : 0);
      const row = await updateTemplate(tx, id, { name, category, messageType, content, variables, version });
      if (saysOther) await keepTemplateVersion(tx, row);
      await recordAudit(tx, actor, {
        action: 'template.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [event(actor, 'template.updated', row)]);
      return row;
    });
  }

  /** Messages that were made of it stay. @throws notFound */
  async delete(actor: Actor, id: TemplateId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await found(tx, actor, id, 'lock');
      await deleteTemplate(tx, id);
      await recordAudit(tx, actor, { action: 'template.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [event(actor, 'template.deleted', row)]);
    });
  }

  /** A copy under another name, with a count of its own. @throws notFound, templateNameTaken */
  async duplicate(actor: Actor, id: TemplateId, name: string, once?: Once<TemplateRow>): Promise<TemplateRow> {
    return this.db.tenant(actor, async (tx) => {
      const { profileId, category, messageType, content, variables } = await found(tx, actor, id);
      const copy = { profileId, category, messageType, content, variables, name };
      return add(tx, actor, copy, 'template.duplicate', once);
    });
  }

  /**
   * What it would say, to a contact if one is given: what is known of the person goes in, below the values. Places without
   * a value stay as they are written.
   * @throws notFound, also for contacts that the actor may not read; validation
   */
  async preview(
    actor: Actor,
    id: TemplateId,
    given: { values: TemplateValues; contactId?: ContactId },
    options: RenderOptions = {},
  ): Promise<TemplatePreview> {
    const template = await this.get(actor, id);
    const { contactId } = given;
    const known = contactId === undefined ? {} : contactValues(await this.contact(actor, contactId));
    const values = { ...known, ...given.values };
    const texts = TemplateTexts.read(template.messageType, template.content);
    return { template, rendered: texts.preview(values, options), missing: texts.missing(values) };
  }

  private async contact(actor: Actor, id: ContactId): Promise<AddressedContact> {
    const reader = narrowTo(actor, 'contacts.read');
    const [row] = await this.db.tenant(reader, (tx) => findContacts(tx, actor.organizationId, [id]));
    if (!row) throw errors.notFound({ message: 'There is no such contact.', details: { contactId: id } });
    return { ...row, name: row.name ?? row.savedName ?? row.verifiedName ?? row.pushName };
  }
}

async function add(
  tx: Tx,
  actor: Actor,
  words: Omit<TemplateDraft, 'category'> & { category: TemplateCategory | null; variables: string[] },
  action: 'template.create' | 'template.duplicate',
  once?: Once<TemplateRow>,
): Promise<TemplateRow> {
  const { organizationId } = actor;
  const { profileId, name } = words;
  if (!(await holdProfile(tx, organizationId, profileId))) throw errors.notFound({ details: { profileId } });
  const row = await insertTemplate(tx, { ...words, id: newId<TemplateId>(), organizationId });
  if (!row) throw nameTaken(name);
  await keepTemplateVersion(tx, row);
  await recordAudit(tx, actor, { action, resource: resourceOf(row), after: factsOf(row) });
  await once?.(tx, row);
  await appendEvents(tx, [event(actor, 'template.created', row)]);
  return row;
}

async function found(tx: Tx, actor: Actor, id: TemplateId, lock?: 'lock'): Promise<TemplateRow> {
  const row = await findTemplate(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such template.', details: { templateId: id } });
  return row;
}

const nameTaken = (name: string) => errors.templateNameTaken({ details: { name } });
const resourceOf = ({ id, name }: TemplateRow) => ({ type: 'template', id, name });
const factsOf = ({ name, category, messageType, version }: TemplateRow) => ({ name, category, messageType, version });

function event(
  actor: Actor,
  name: 'template.created' | 'template.updated' | 'template.deleted',
  { id, name: called, organizationId, profileId }: TemplateRow,
): NewEvent {
  return { organizationId, profileId, name, actor: eventActor(actor), payload: { id, name: called } };
}

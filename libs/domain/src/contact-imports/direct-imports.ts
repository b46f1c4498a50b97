import {
  type Actor,
  CatalogueError,
  errors,
  eventActor,
  type ImportCounts,
  type ImportOptions,
  importLimits,
  type ProfileId,
} from '#contracts';
import { appendEventsLast, type Database } from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { TableUnreadable } from '../tabular/table.js';
import { textFile } from '../tabular/table-files.js';
import type { Mapping } from './column-mapping.js';
import { lookAtContacts, openContacts } from './contacts-file.js';
import { readFieldOf } from './field-values.js';
import { distinctTags, type ReadRow, type RowRules, readRow, repeatOf } from './import-row.js';
import { countOutcomes, importRows, type RowResult } from './import-rows.js';
import { SeenPhones } from './seen-phones.js';

/** A contact in a request. */
export interface ContactGiven {
  phone: string;
  name?: string;
  tags?: string[];
  customFields?: Record<string, unknown>;
}

/** What an import that is answered at once came to. */
export interface DirectImport {
  counts: ImportCounts;
  /** What became of each row, in their order. */
  results: RowResult[];
}

export type DirectOptions = Pick<ImportOptions, 'defaultCountry' | 'existing' | 'tags'>;

/** Imports that are small enough to be answered at once: one transaction, all rows that are right or none. */
export class DirectImports {
  constructor(private readonly db: Database) {}

  /** @throws notFound (profile) */
  async contacts(
    actor: Actor,
    profileId: ProfileId,
    contacts: ContactGiven[],
    options: DirectOptions,
    once?: Once<DirectImport>,
  ): Promise<DirectImport> {
    const readField = await readFieldOf(this.db, { organizationId: actor.organizationId, profileId });
    const rows = contacts.map((contact, position) => givenRow(contact, position, options, readField));
    return this.store(actor, profileId, rows, options, once);
  }

  /** @throws notFound (profile), importTooLarge; validation for a text that is none, and for what the columns are */
  async csv(
    actor: Actor,
    profileId: ProfileId,
    text: string,
    options: DirectOptions & { mapping: Mapping },
    once?: Once<DirectImport>,
  ): Promise<DirectImport> {
    await this.db.tenant(actor, (tx) => assertProfile(tx, actor, profileId));
    const file = textFile(text);
    const reading = { encoding: 'utf-8', delimiter: null, hasTitles: null };
    const { columns } = await lookAtContacts(file, reading, options.mapping).catch(aboutCsv);
    const readField = await readFieldOf(this.db, { organizationId: actor.organizationId, profileId });
    const rules = { columns, defaultCountry: options.defaultCountry, tags: options.tags, readField };
    const rows: ReadRow[] = [];
    try {
      for await (const batch of (await openContacts(file, reading, columns)).batches) {
        for (const row of batch) rows.push(readRow(row, rows.length, rules));
        if (rows.length > importLimits.csvRowsAtOnce) throw errors.importTooLarge();
      }
    } catch (failure) {
      aboutCsv(failure);
    }
    return this.store(actor, profileId, rows, options, once);
  }

  private async store(
    actor: Actor,
    profileId: ProfileId,
    read: ReadRow[],
    { existing }: DirectOptions,
    once?: Once<DirectImport>,
  ): Promise<DirectImport> {
    const seen = new SeenPhones();
    const rows = read.map((row) => {
      const first = row.candidate && seen.note(row.candidate.phone, row.line);
      return first === undefined ? row : repeatOf(row, first);
    });
    const owner = { organizationId: actor.organizationId, profileId };
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const { results, events } = await importRows(tx, owner, rows, { existing, by: eventActor(actor) });
      const done = { counts: countOutcomes(results), results };
      await recordAudit(tx, actor, {
        action: 'contact.import',
        resource: { type: 'profile', id: profileId },
        after: { ...done.counts, existing },
      });
      await once?.(tx, done);
      void appendEventsLast(tx, events);
      return done;
    });
  }
}

/** A contact of a request, read as a row whose columns are its fields. Values of custom fields keep their type. */
function givenRow(
  { phone, name = '', tags = [], customFields = {} }: ContactGiven,
  position: number,
  options: DirectOptions,
  readField: RowRules['readField'],
): ReadRow {
  const row = readRow({ line: position + 1, cells: [phone, name] }, position, {
    columns: [
      { title: null, target: 'phone' },
      { title: null, target: 'name' },
    ],
    defaultCountry: options.defaultCountry,
    tags: distinctTags([...tags, ...options.tags]),
    readField,
  });
  if (!row.candidate) return row;
  for (const [key, value] of Object.entries(customFields)) {
    const read = readField(key, value);
    if ('value' in read) row.candidate.customFields[key] = read.value;
    else {
      const fault = {
        field: `custom.${key}`,
        code: 'field_invalid',
        message: read.wrong,
        value: String(value).slice(0, 100),
      };
      return { position, line: row.line, fault };
    }
  }
  return row;
}

/** What is wrong with the text, at its field. @throws always */
function aboutCsv(failure: unknown): never {
  const isUnreadable = failure instanceof CatalogueError && failure.code === 'IMPORT_UNREADABLE';
  if (!isUnreadable && !(failure instanceof TableUnreadable)) throw failure;
  throw errors.validation({ fields: [{ path: 'csvData', message: failure.message }] });
}

import { Readable } from 'node:stream';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { ContactExports, type ExportedContact, makeCard } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import {
  ContactChoiceQuery,
  cellsOf,
  columnsOf,
  ExportContactsQuery,
  ExportedContactsOut,
  shownName,
  toChoice,
} from './contact-exports.dto.js';
import { csvFile } from './csv-file.js';

@ApiTags('Contacts')
@Controller('contacts/export')
export class ContactExportsController {
  constructor(private readonly exports: ContactExports) {}

  @Get('csv')
  @Can('contacts.export')
  @Describe('Export contacts as CSV', {
    description:
      'With `download=true` the file, streamed, however many there are; else `{csv,count,filename}`. Custom fields are columns `custom.<key>`; an import takes the file as it is. No cell is taken for a formula by spreadsheets. Each export is recorded.',
    returns: ExportedContactsOut,
    orFile: 'text/csv',
    errors: ['notFound', 'exportTooLarge'],
  })
  async csv(
    @CurrentActor() actor: Actor,
    @Query() query: ExportContactsQuery,
  ): Promise<ExportedContactsOut | StreamableFile> {
    const form = { format: 'csv', isBounded: !query.download } as const;
    const { fieldKeys, contacts } = await this.exports.open(actor, query.profileId, toChoice(query), form);
    let count = 0;
    const rows = async function* () {
      for await (const contact of contacts) {
        count += 1;
        yield cellsOf(contact, fieldKeys);
      }
    };
    const filename = fileName('csv');
    const file = csvFile(columnsOf(fieldKeys), rows(), filename);
    if (query.download) return file;
    const csv = Buffer.concat(await file.getStream().toArray()).toString('utf8');
    return { csv: csv.replace(/^\uFEFF/, ''), count, filename };
  }

  @Get('vcard')
  @Can('contacts.export')
  @Describe('Export contacts as vCards', {
    description: 'A file of vCards 3.0 that phones and mail programs import: name and number. Each export is recorded.',
    returns: 'file',
    errors: ['notFound'],
  })
  async vcard(@CurrentActor() actor: Actor, @Query() query: ContactChoiceQuery): Promise<StreamableFile> {
    const form = { format: 'vcard', isBounded: false } as const;
    const { contacts } = await this.exports.open(actor, query.profileId, toChoice(query), form);
    const disposition = `attachment; filename="${fileName('vcf')}"`;
    return new StreamableFile(Readable.from(cards(contacts)), { type: 'text/vcard; charset=utf-8', disposition });
  }
}

/** Who is known by the LID alone has no number to put on a card. */
async function* cards(contacts: AsyncGenerator<ExportedContact>): AsyncGenerator<string> {
  for await (const contact of contacts) {
    const { phone } = contact;
    if (phone) yield `${makeCard({ name: shownName(contact) ?? `+${phone}`, phone }).vcard}\r\n`;
  }
}

function fileName(ending: string): string {
  return `contacts-${new Date().toISOString().slice(0, 10)}.${ending}`;
}

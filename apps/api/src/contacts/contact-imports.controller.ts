import { Readable } from 'node:stream';
import { Body, Controller, Get, Post, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, type ContactImportId, errors } from '#contracts';
import { ContactImports, DirectImports, writeOwnFile } from '#domain';
import { MediaStorage } from '#storage';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeCursor, decodeIdCursor, toPage } from '../http/page.js';
import { type SentFile, SentFilePart } from '../http/sent-file.js';
import { TakesForm } from '../http/takes-form.js';
import {
  ContactImportOut,
  ContactImportsQuery,
  CreateContactImportIn,
  ImportReportQuery,
  ImportRowOut,
  ImportRowsQuery,
  presentImport,
  presentImportRow,
  toImportOptions,
} from './contact-imports.dto.js';
import { csvFile } from './csv-file.js';
import {
  ImportAnswerOut,
  ImportContactsIn,
  ImportCsvIn,
  presentDirectImport,
  toContactsGiven,
  toOptions,
} from './direct-imports.dto.js';

const reportColumns = ['line', 'outcome', 'field', 'code', 'message', 'value', 'phone'] as const;

@ApiTags('Contacts')
@Controller('contacts')
export class ContactImportsController {
  constructor(
    private readonly imports: ContactImports,
    private readonly direct: DirectImports,
    private readonly storage: MediaStorage,
  ) {}

  @Post('import')
  @Can('contacts.import')
  @Idempotent()
  @Describe('Import contacts', {
    description:
      'Some contacts, answered at once. A contact with a number that is there already is updated; nothing takes a tag or an opt-out away. What cannot be taken is told and stops nobody else. For more send a file to `POST /contacts/imports`.',
    returns: ImportAnswerOut,
    errors: ['notFound'],
  })
  async importContacts(
    @CurrentActor() actor: Actor,
    @Body() body: ImportContactsIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ImportAnswerOut> {
    const given = toContactsGiven(body.contacts);
    const once = idempotency.storing(presentDirectImport);
    return presentDirectImport(await this.direct.contacts(actor, body.profileId, given, toOptions(body), once));
  }

  @Post('import/csv')
  @Can('contacts.import')
  @Idempotent()
  @Describe('Import contacts from CSV', {
    description:
      'The text of a small CSV file, answered at once. For more, or another kind of file, `POST /contacts/imports`.',
    returns: ImportAnswerOut,
    errors: ['notFound', 'importTooLarge'],
  })
  async importCsv(
    @CurrentActor() actor: Actor,
    @Body() body: ImportCsvIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ImportAnswerOut> {
    const { profileId, csvData, mapping } = body;
    const once = idempotency.storing(presentDirectImport);
    const options = { ...toOptions(body), mapping };
    return presentDirectImport(await this.direct.csv(actor, profileId, csvData, options, once));
  }

  @Post('imports')
  @Can('contacts.import')
  @Idempotent()
  @TakesForm()
  @Describe('Import a file of contacts', {
    description:
      'CSV in any usual encoding and with any usual delimiter, an Excel workbook (.xlsx) or vCards: up to 100 MB and a million rows, as a form with the part `file`, or as base64 in JSON. It is done in the background; the events `import.progress` and `import.completed` tell of it. The answer says what the columns are taken for; `dryRun` says what would become of each row.',
    returns: ContactImportOut,
    status: 202,
    errors: ['notFound', 'importUnreadable', 'tooManyImports', 'bodyTooLarge'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateContactImportIn,
    @SentFilePart() sent: SentFile | undefined,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ContactImportOut> {
    const { profileId, dryRun: isDryRun, mapping } = body;
    const stored = sent ?? (await this.keep(actor, body.data));
    const { storageKey, sizeBytes } = stored;
    const file = { storageKey, sizeBytes, fileName: body.fileName ?? sent?.fileName ?? null };
    const draft = { profileId, file, isDryRun, options: toImportOptions(body), mapping };
    return presentImport(await this.imports.request(actor, draft, idempotency.storing(presentImport)));
  }

  @Get('imports')
  @Can('contacts.import')
  @Describe('List imports of contacts', { description: 'Newest first.', returns: [ContactImportOut], page: true })
  async list(@CurrentActor() actor: Actor, @Query() query: ContactImportsQuery): Promise<Page<ContactImportOut>> {
    const { limit, cursor, profileId } = query;
    const page = { profileId, before: decodeIdCursor<ContactImportId>(cursor), limit: limit + 1 };
    return toPage(await this.imports.list(actor, page), limit, (row) => [row.id], presentImport);
  }

  @Get('imports/:contactImportId')
  @Can('contacts.import')
  @Describe('Get an import of contacts', {
    description: 'How far it is, and what came of it.',
    returns: ContactImportOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam('contactImportId') id: ContactImportId): Promise<ContactImportOut> {
    return presentImport(await this.imports.get(actor, id));
  }

  @Get('imports/:contactImportId/rows')
  @Can('contacts.import')
  @Describe('List what became of rows', {
    description:
      'Rows that failed, were skipped or changed a contact, in the order of the file, with line, field and reason. Kept for 30 days.',
    returns: [ImportRowOut],
    page: true,
    errors: ['notFound'],
  })
  async rows(
    @CurrentActor() actor: Actor,
    @IdParam('contactImportId') id: ContactImportId,
    @Query() { limit, cursor, outcome }: ImportRowsQuery,
  ): Promise<Page<ImportRowOut>> {
    const [position] = decodeCursor(cursor, [/^\d{1,9}$/]) ?? [];
    const page = { outcome, after: position === undefined ? undefined : Number(position), limit: limit + 1 };
    const rows = await this.imports.rows(actor, id, page);
    return toPage(rows, limit, (row) => [String(row.position)], presentImportRow);
  }

  @Get('imports/:contactImportId/report')
  @Can('contacts.import')
  @Describe('Download what became of rows', {
    description: 'The same as a CSV file, in which no cell is taken for a formula.',
    returns: 'file',
    errors: ['notFound'],
  })
  async report(
    @CurrentActor() actor: Actor,
    @IdParam('contactImportId') id: ContactImportId,
    @Query() { outcome }: ImportReportQuery,
  ): Promise<StreamableFile> {
    const { rows } = await this.imports.report(actor, id, outcome);
    const cells = async function* () {
      for await (const row of rows) yield reportColumns.map((column) => row[column]);
    };
    return csvFile(reportColumns, cells(), `import-${id}.csv`);
  }

  @Post('imports/:contactImportId/cancel')
  @Can('contacts.import')
  @Describe('Cancel an import of contacts', {
    description: 'It stops where it is: what was imported stays.',
    returns: ContactImportOut,
    status: 200,
    errors: ['notFound', 'importEnded'],
  })
  async cancel(
    @CurrentActor() actor: Actor,
    @IdParam('contactImportId') id: ContactImportId,
  ): Promise<ContactImportOut> {
    return presentImport(await this.imports.cancel(actor, id));
  }

  private keep(actor: Actor, data: string | undefined) {
    if (data === undefined) {
      const message = 'must be there, or the file as part "file" of a form (multipart/form-data)';
      throw errors.validation({ fields: [{ path: 'data', message }] });
    }
    const bytes = Buffer.from(data, 'base64');
    const limits = { maxBytes: bytes.length, organizationId: actor.organizationId };
    return writeOwnFile(this.storage, Readable.from([bytes]), limits);
  }
}

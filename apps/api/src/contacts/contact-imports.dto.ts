import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBase64, IsBoolean, IsIn, IsString, IsUUID, Length, Matches, ValidateBy } from 'class-validator';
import {
  type ContactImportId,
  type ImportColumn,
  type ImportOptions,
  type ImportState,
  importPercent,
  importStates,
  type ProfileId,
  type ReportedOutcome,
  reportedOutcomes,
} from '#contracts';
import type { ContactImportRow, ImportedRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';
import { toOptions } from './direct-imports.dto.js';
import { ImportMappingIn } from './import-options.dto.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';

const IsEncoding = () =>
  ValidateBy({
    name: 'isEncoding',
    validator: {
      validate: (value) => typeof value === 'string' && isEncoding(value),
      defaultMessage: () => 'must be the name of a text encoding, such as utf-8 or windows-1252',
    },
  });

function isEncoding(name: string): boolean {
  try {
    return Boolean(new TextDecoder(name));
  } catch {
    return false;
  }
}

export class CreateContactImportIn extends ImportMappingIn {
  @ApiProperty({ description: 'Whose address book.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description: 'The file in base64, where it does not come as the part `file` of a form.',
    minLength: 4,
    example: 'bmFtZSxNb2JpbGUgbm8uLFBsYW4KSmFuZSwrNjI4MTIzNDU2Nzg5MCxnb2xkCg==',
  })
  @IfGiven()
  @IsBase64()
  @Length(4)
  data?: string;

  @ApiPropertyOptional({ description: 'What the file is called, for people.', maxLength: 255, example: 'fair.xlsx' })
  @IfGiven()
  @IsString()
  @Length(1, 255)
  fileName?: string;

  @ApiPropertyOptional({
    description: 'Only says what it would do; the report is there as after a real one.',
    default: false,
    example: false,
  })
  @IfGiven()
  @IsBoolean()
  dryRun: boolean = false;

  @ApiPropertyOptional({
    description: 'Encoding of a text file. Without it, it is found out.',
    minLength: 1,
    maxLength: 40,
    example: 'utf-8',
  })
  @IfGiven()
  @Length(1, 40)
  @IsEncoding()
  encoding?: string;

  @ApiPropertyOptional({
    description: 'What is between the cells of CSV. Without it, it is found out.',
    pattern: '^[^"\\r\\n]$',
    example: ',',
  })
  @IfGiven()
  @IsString()
  @Matches(/^[^"\r\n]$/, { message: 'must be one character' })
  delimiter?: string;

  @ApiPropertyOptional({ description: 'Whether the first row has titles. Without it, it is found out.', example: true })
  @IfGiven()
  @IsBoolean()
  hasTitles?: boolean;
}

export class ContactImportsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only of this profile.', format: 'uuid', example: profileId })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;
}

export class ImportRowsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only rows that came to this.', enum: reportedOutcomes, example: 'failed' })
  @IfGiven()
  @IsIn(reportedOutcomes)
  outcome?: ReportedOutcome;
}

export class ImportReportQuery {
  @ApiPropertyOptional({ description: 'Only rows that came to this.', enum: reportedOutcomes, example: 'failed' })
  @IfGiven()
  @IsIn(reportedOutcomes)
  outcome?: ReportedOutcome;
}

class ImportColumnOut {
  @ApiProperty({ description: 'Its title; null in a file without.', type: String, nullable: true, example: 'No. HP' })
  title: string | null;

  @ApiProperty({ description: 'What it is taken for.', example: 'phone' })
  target: string;
}

export class ContactImportOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f0-b111-7a3e-9d4e-5f6a7b8c9d0e' })
  id: ContactImportId;

  @ApiProperty({ description: 'Whose address book.', format: 'uuid', example: profileId })
  profileId: ProfileId;

  @ApiProperty({ description: 'Where it is.', enum: importStates, example: 'running' })
  state: ImportState;

  @ApiProperty({ description: 'Whether it only says what it would do.', example: false })
  dryRun: boolean;

  @ApiProperty({ description: 'What the file is called.', type: String, nullable: true, example: 'fair.xlsx' })
  fileName: string | null;

  @ApiProperty({ description: 'What it is by its content: csv, xlsx or vcard.', example: 'xlsx' })
  format: string;

  @ApiProperty({ description: 'Size of the file.', example: 182_044 })
  sizeBytes: number;

  @ApiProperty({ description: 'What its columns are taken for, in their order.', type: [ImportColumnOut] })
  columns: ImportColumnOut[];

  @ApiProperty({
    description: 'How far it is, in percent; null until its rows were counted.',
    type: Number,
    nullable: true,
    example: 40,
  })
  progress: number | null;

  @ApiProperty({
    description: 'Rows of the file; null until they were counted.',
    type: Number,
    nullable: true,
    example: 5000,
  })
  totalRows: number | null;

  @ApiProperty({ description: 'Rows that are done with.', example: 2000 })
  doneRows: number;

  @ApiProperty({ description: 'New contacts.', example: 1900 })
  created: number;

  @ApiProperty({ description: 'Contacts that were there, and have something else now.', example: 40 })
  updated: number;

  @ApiProperty({ description: 'Contacts that were there and are as they were.', example: 20 })
  unchanged: number;

  @ApiProperty({ description: 'Rows that were left out: repeats, or contacts that were there.', example: 10 })
  skipped: number;

  @ApiProperty({ description: 'Rows that cannot be taken; the report says why.', example: 30 })
  failed: number;

  @ApiProperty({ description: 'Code of what ended it as failed.', type: String, nullable: true, example: null })
  error: string | null;

  @ApiProperty({ description: 'The same in a sentence.', type: String, nullable: true, example: null })
  errorMessage: string | null;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it ended.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:09.000Z',
  })
  finishedAt: string | null;
}

export class ImportRowOut {
  @ApiProperty({ description: 'The line of the text file, or the row of the sheet, from 1.', example: 17 })
  line: number;

  @ApiProperty({
    description: 'What became of it. New contacts are not listed.',
    enum: reportedOutcomes,
    example: 'failed',
  })
  outcome: ReportedOutcome;

  @ApiProperty({
    description: 'The field at fault; null: the whole row.',
    type: String,
    nullable: true,
    example: 'phone',
  })
  field: string | null;

  @ApiProperty({ description: 'Stable code of the reason.', type: String, nullable: true, example: 'phone_invalid' })
  code: string | null;

  @ApiProperty({
    description: 'The reason, or what was changed, for people.',
    type: String,
    nullable: true,
    example: 'has too many or too few digits for a number with country code',
  })
  message: string | null;

  @ApiProperty({ description: 'What stood there, shortened.', type: String, nullable: true, example: '+6281' })
  value: string | null;

  @ApiProperty({ description: 'The number, where it could be read.', type: String, nullable: true, example: null })
  phone: string | null;
}

export function toImportOptions(body: CreateContactImportIn): ImportOptions {
  const { encoding = null, delimiter = null, hasTitles = null } = body;
  return { ...toOptions(body), encoding, delimiter, hasTitles };
}

export function presentImport(row: ContactImportRow): ContactImportOut {
  const { id, profileId, state, isDryRun: dryRun, fileName, format, sizeBytes, totalRows, doneRows } = row;
  const { created, updated, unchanged, skipped, failed, error, errorMessage } = row;
  return {
    id,
    profileId,
    state,
    dryRun,
    fileName,
    format,
    sizeBytes,
    columns: row.columns.map(({ title, target }: ImportColumn) => ({ title, target })),
    progress: importPercent(row),
    totalRows,
    doneRows,
    created,
    updated,
    unchanged,
    skipped,
    failed,
    error,
    errorMessage,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

export function presentImportRow({ position: _, ...row }: ImportedRow): ImportRowOut {
  return row;
}

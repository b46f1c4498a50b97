import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsString, IsUUID, MaxLength } from 'class-validator';
import { errors, type ProfileId, parseContactFilter, type SegmentId } from '#contracts';
import type { ContactQuery, ExportedContact } from '#domain';
import { IfGiven } from '../http/if-given.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';

/** Which contacts are exported, as their list chooses them. */
export class ContactChoiceQuery {
  @ApiProperty({ description: 'Whose address book.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({ description: 'Part of a name, or digits of a number.', maxLength: 200, example: 'jane' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  search?: string;

  @ApiPropertyOptional({ description: 'Has at least one of these tags; separated by commas.', example: 'vip,lead' })
  @IfGiven()
  @IsString()
  @MaxLength(2000)
  tags?: string;

  @ApiPropertyOptional({
    description: 'A filter over tags, fields and activity, as JSON.',
    maxLength: 10_000,
    example: '{"field":"tags","op":"any","value":["vip"]}',
  })
  @IfGiven()
  @IsString()
  @MaxLength(10_000)
  filter?: string;

  @ApiPropertyOptional({
    description: 'Is in this segment of the profile.',
    format: 'uuid',
    example: '0198c2f0-b222-7a3e-9d4e-5f6a7b8c9d0e',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  segmentId?: SegmentId;
}

export class ExportContactsQuery extends ContactChoiceQuery {
  @ApiPropertyOptional({
    description: 'Sends the file itself. Otherwise the answer is JSON, for up to 10,000 contacts.',
    type: Boolean,
    default: false,
    example: true,
  })
  @IfGiven()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  download: boolean = false;
}

export class ExportedContactsOut {
  @ApiProperty({
    description: 'The text of the file.',
    example: 'phone,name,tags,opted_out\r\n+6281234567890,Jane,vip,\r\n',
  })
  csv: string;

  @ApiProperty({ description: 'How many contacts are in it.', example: 1 })
  count: number;

  @ApiProperty({ description: 'What the file may be called.', example: 'contacts-2026-11-21.csv' })
  filename: string;
}

export function toChoice({ search, tags, filter, segmentId }: ContactChoiceQuery): ContactQuery {
  const named = tags
    ?.split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return {
    search,
    tags: named,
    filter: filter === undefined ? undefined : parseContactFilter(jsonOf(filter)),
    segmentId,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw errors.validation({ fields: [{ path: 'filter', message: 'must be JSON' }] });
  }
}

const fixedColumns = ['phone', 'name', 'tags', 'opted_out', 'source', 'created_at', 'last_inbound_at'];

export function columnsOf(fieldKeys: readonly string[]): string[] {
  return [...fixedColumns, ...fieldKeys.map((key) => `custom.${key}`)];
}

export function cellsOf(contact: ExportedContact, fieldKeys: readonly string[]): (string | null)[] {
  return [
    contact.phone && `+${contact.phone}`,
    shownName(contact),
    contact.tags.join(';'),
    contact.optedOutAt ? 'yes' : '',
    contact.source,
    contact.createdAt.toISOString(),
    contact.lastInboundAt?.toISOString() ?? null,
    ...fieldKeys.map((key) => fieldCell(contact.customFields[key])),
  ];
}

export function shownName({ name, savedName, verifiedName, pushName }: ExportedContact): string | null {
  return name ?? savedName ?? verifiedName ?? pushName;
}

function fieldCell(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

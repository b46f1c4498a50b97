import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { errors } from '#contracts';
import type { DataExportRow } from '#database';
import type { ContactRef } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { API_PREFIX } from '../http/route-table.js';

const exportStates: DataExportRow['state'][] = ['queued', 'running', 'ready', 'failed', 'expired'];
const exportKinds: DataExportRow['kind'][] = ['user', 'contact', 'conversation'];

/** Names a contact. Of several that are given all must be of the same person. */
export class ContactRefIn {
  @ApiPropertyOptional({
    description:
      'The person, as messages and conversations name them. Or give one of the others; several must be of one person.',
    format: 'uuid',
    example: '0198c2f2-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  personId?: string;

  @ApiPropertyOptional({
    description: 'The entry in the address book of a profile.',
    format: 'uuid',
    example: '0198c2f2-3c4d-7e5f-8a6b-7c8d9e0f1a2c',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  contactId?: string;

  @ApiPropertyOptional({ description: 'The phone number with country code.', example: '+4915112345678' })
  @IfGiven()
  @Matches(/^\+?[0-9]{5,20}$/, { message: 'must be a phone number with country code, such as +4915112345678' })
  phoneNumber?: string;

  @ApiPropertyOptional({ description: 'The LID, digits.', example: '123456789012345' })
  @IfGiven()
  @Matches(/^[0-9]{5,20}$/, { message: 'must be the digits of a LID' })
  lid?: string;
}

/** @throws validation when none is given */
export function toContactRef({ personId, contactId, phoneNumber, lid }: ContactRefIn): ContactRef {
  const phone = phoneNumber?.replace('+', '');
  const given = Object.entries({ personId, contactId, phone, lid }).filter(([, value]) => value !== undefined);
  if (given.length > 0) return Object.fromEntries(given);
  const message = 'give at least one of personId, contactId, phoneNumber and lid';
  throw errors.validation({ fields: [{ path: 'personId', message }] });
}

export class ExportLinkQuery {
  @ApiProperty({
    description: 'From `downloadUrl` of the copy.',
    example: '0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f.1795248000000.bm90LWEtcmVhbC1zaWduYXR1cmUtYnV0LW9mLTMyLWI',
  })
  @IsString()
  @MaxLength(200)
  token: string;
}

export class DataExportOut {
  @ApiProperty({ description: 'Id of the copy.', format: 'uuid', example: '0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f' })
  id: string;

  @ApiProperty({
    description: 'Your own data, those of a contact, or a conversation.',
    enum: exportKinds,
    example: 'user',
  })
  kind: DataExportRow['kind'];

  @ApiProperty({
    description: 'It is made in the background. `failed` after several tries; `expired` when the file is gone.',
    enum: exportStates,
    example: 'ready',
  })
  state: DataExportRow['state'];

  @ApiProperty({ description: 'How far it is, percent.', minimum: 0, maximum: 100, example: 100 })
  progress: number;

  @ApiProperty({ description: 'Code of what went wrong last.', type: String, nullable: true, example: null })
  error: string | null;

  @ApiProperty({ description: 'Size of the zip file.', type: Number, nullable: true, example: 20480 })
  sizeBytes: number | null;

  @ApiProperty({
    description: 'How many things each part of it has.',
    type: Object,
    nullable: true,
    additionalProperties: { type: 'integer' },
    example: { 'account.json': 1, 'sent-messages.ndjson': 250, media: 12 },
  })
  contents: Record<string, number> | null;

  @ApiProperty({
    description:
      'Where the file can be fetched, for 15 minutes and without further credentials; ask again for a new one. Null unless ready.',
    type: String,
    nullable: true,
    example:
      'https://waypost.example.com/api/v1/account/exports/download?token=0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f.1795248000000.c2lnbmF0dXJl',
  })
  downloadUrl: string | null;

  @ApiProperty({
    description: 'Until when this link works.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:45:00.000Z',
  })
  linkExpiresAt: string | null;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it was ready, or failed for good.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:31:00.000Z',
  })
  finishedAt: string | null;

  @ApiProperty({
    description: 'When the file is removed.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-28T08:31:00.000Z',
  })
  expiresAt: string | null;
}

export class DeletedExportOut {
  @ApiProperty({ description: 'Id of the copy.', format: 'uuid', example: '0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

/** @param publicUrl under which the file is fetched: who has the link may be anywhere */
export function presentExport(
  row: DataExportRow,
  link: { token: string; expiresAt: Date } | null,
  publicUrl: string,
): DataExportOut {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    progress: row.progress,
    error: row.error,
    sizeBytes: row.sizeBytes,
    contents: row.contents,
    downloadUrl: link && `${publicUrl}${API_PREFIX}/account/exports/download?token=${link.token}`,
    linkExpiresAt: link?.expiresAt.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

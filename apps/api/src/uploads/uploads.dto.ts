import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min, ValidateIf } from 'class-validator';
import type { UploadKind, UploadRow, UploadState } from '#database';
import { type AllowanceView, linkSeconds, type MediaLinks } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const kinds = ['image', 'video', 'audio', 'document'] as const;
const states = ['receiving', 'assembling', 'ready', 'refused'] as const;
const statuses = [
  'receiving',
  'assembling',
  'refused',
  'ready',
  'pending_scan',
  'clean',
  'infected',
  'scan_failed',
  'gone',
] as const;

export class UploadAsQuery {
  @ApiPropertyOptional({
    description: '`document` keeps a picture, film or sound as a document: for a file larger than its kind may be.',
    enum: ['document'],
    example: 'document',
  })
  @IfGiven()
  @IsIn(['document'])
  as?: 'document';
}

export class UploadsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only of this kind.', enum: kinds, example: 'image' })
  @IfGiven()
  @IsIn(kinds)
  kind?: UploadKind;

  @ApiPropertyOptional({ description: 'Only in this state.', enum: states, example: 'ready' })
  @IfGiven()
  @IsIn(states)
  state?: UploadState;
}

/** The file of a request, for the document alone: it is streamed, never bound. */
export class UploadMediaIn {
  @ApiProperty({ description: 'The file.', type: 'string', format: 'binary', example: 'the bytes' })
  file: string;
}

export class UploadProblemOut {
  @ApiProperty({ description: 'Code of the error catalogue.', example: 'MEDIA_TYPE_INVALID' })
  code: string;

  @ApiProperty({ description: 'What is wrong.', example: 'Programs and scripts are not taken.' })
  message: string;
}

export class UploadOut {
  @ApiProperty({
    description: 'Our id: `uploadId` of a send.',
    format: 'uuid',
    example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e',
  })
  id: string;

  @ApiProperty({
    description:
      'Address of the file, which works without credentials for a week; as `url` of a send it works as long as the upload is there. Null until the file can be given out.',
    type: String,
    nullable: true,
    example:
      'https://waypost.example.com/api/v1/media/0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d.1790000000000.q5mZ0lqk1n9o2Zb0Vd3l8cX9yQ4rS7tUvWxYz012345',
  })
  url: string | null;

  @ApiProperty({
    description: 'Address of a small JPEG of a picture or film, like `url`; null when there is none, or none yet.',
    type: String,
    nullable: true,
    example: null,
  })
  thumbnailUrl: string | null;

  @ApiProperty({ description: 'Name of the file here.', example: 'uploads/0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  key: string;

  @ApiProperty({ description: 'Bytes of the whole file.', example: 48213 })
  size: number;

  @ApiProperty({ description: 'Its name, made harmless, with the ending that fits its content.', example: 'shoes.jpg' })
  filename: string;

  @ApiProperty({
    description: 'Its type by its content; null until that was looked at.',
    type: String,
    nullable: true,
    example: 'image/jpeg',
  })
  mimeType: string | null;

  @ApiProperty({
    description: 'As what it is sent best; null until its content was looked at.',
    type: String,
    nullable: true,
    enum: ['IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', null],
    example: 'IMAGE',
  })
  type: string | null;

  @ApiProperty({
    description:
      '`receiving`: bytes are missing. `assembling`: all came, the file is being made. `refused`: it is not taken, `problem` says why. Then, where files are scanned, `pending_scan`, `clean`, `infected` or `scan_failed`; elsewhere `ready`. `gone`: its file was removed.',
    enum: statuses,
    example: 'ready',
  })
  status: string;

  @ApiProperty({ description: 'Bytes that have come.', example: 48213 })
  offset: number;

  @ApiProperty({ description: 'Why it is refused.', type: UploadProblemOut, nullable: true, example: null })
  problem: UploadProblemOut | null;

  @ApiProperty({
    description: 'What the virus scanner found.',
    type: String,
    nullable: true,
    example: null,
  })
  found: string | null;

  @ApiProperty({
    description: 'SHA-256 of the file in hex; null until it is there.',
    type: String,
    nullable: true,
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  sha256: string | null;

  @ApiProperty({
    description: 'When it is removed unless more of it comes, ISO 8601; null when it is complete.',
    type: String,
    nullable: true,
    example: null,
  })
  expiresAt: string | null;

  @ApiProperty({ description: 'When a message last used it, ISO 8601.', example: '2026-11-21T18:00:00.000Z' })
  lastUsedAt: string;

  @ApiProperty({ description: 'ISO 8601.', example: '2026-11-21T18:00:00.000Z' })
  createdAt: string;
}

export class DeletedUploadOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'It is gone.', example: true })
  deleted: boolean;
}

const Limit = (description: string, example: number) =>
  ApiProperty({ description, type: Number, nullable: true, example });

export class UploadLimitsOut {
  @Limit('Bytes of media that may be kept; null: no limit.', 10_000_000_000)
  maxStoredBytes: number | null;

  @Limit('Uploads in a day (UTC); null: no limit.', 1000)
  maxUploadsPerDay: number | null;

  @Limit('Largest upload, bytes; null: what WhatsApp takes.', 50_000_000)
  maxFileBytes: number | null;
}

export class UploadUsageOut {
  @ApiProperty({
    description: 'Bytes of media that are kept, each file once, those of received messages too.',
    example: 48213,
  })
  storedBytes: number;

  @ApiProperty({ description: 'How many files these are.', example: 1 })
  storedFiles: number;

  @ApiProperty({ description: 'Bytes that uploads under way have been promised.', example: 0 })
  reservedBytes: number;

  @ApiProperty({ description: 'Uploads that were begun today (UTC).', example: 1 })
  uploadsToday: number;

  @ApiProperty({ description: 'What holds for the organization.', type: UploadLimitsOut })
  limits: UploadLimitsOut;
}

export class QuotaOut extends UploadUsageOut {
  @ApiProperty({
    description: 'What was set for this organization; null where the settings of the installation hold.',
    type: UploadLimitsOut,
  })
  own: UploadLimitsOut;
}

const MOST_BYTES = 1_000_000_000_000_000;

function SetLimit(description: string, most: number, example: number): PropertyDecorator {
  return (target, name) => {
    ApiPropertyOptional({ description, type: 'integer', nullable: true, minimum: 0, maximum: most, example })(
      target,
      name,
    );
    ValidateIf((_, value) => value !== undefined && value !== null)(target, name);
    IsInt()(target, name);
    Min(0)(target, name);
    Max(most)(target, name);
  };
}

/** What is left out stays; null goes back to the settings of the installation. */
export class QuotaIn {
  @SetLimit('Bytes of media that may be kept.', MOST_BYTES, 10_000_000_000)
  maxStoredBytes?: number | null;

  @SetLimit('Uploads in a day (UTC).', 1_000_000_000, 1000)
  maxUploadsPerDay?: number | null;

  @SetLimit('Largest upload, bytes.', MOST_BYTES, 50_000_000)
  maxFileBytes?: number | null;
}

/** @param links signs the addresses, which begin with `origin` */
export function presentUpload(row: UploadRow, links: MediaLinks, origin: string): UploadOut {
  const { file } = row;
  const isOpen = file !== null && (file.scan === null || file.scan === 'clean');
  const url = isOpen ? `${origin}/api/v1/media/${links.sign(file.mediaId, linkSeconds.most).token}` : null;
  return {
    id: row.id,
    url,
    thumbnailUrl: url !== null && file?.hasThumbnail ? `${url}/thumbnail` : null,
    key: `uploads/${row.id}`,
    size: row.sizeBytes,
    filename: row.fileName,
    mimeType: file?.mimeType ?? null,
    type: row.kind?.toUpperCase() ?? null,
    status: statusOf(row),
    offset: row.offsetBytes,
    problem: row.problem,
    found: file?.scanFound ?? null,
    sha256: file?.sha256 ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
  };
}

const scanStatuses = { pending: 'pending_scan', clean: 'clean', infected: 'infected', failed: 'scan_failed' } as const;

function statusOf({ state, file }: UploadRow): (typeof statuses)[number] {
  if (state !== 'ready') return state;
  if (!file) return 'gone';
  return file.scan === null ? 'ready' : scanStatuses[file.scan];
}

export function presentUsage({ usage, limits }: AllowanceView): UploadUsageOut {
  return { ...usage, limits };
}

export function presentQuota(view: AllowanceView): QuotaOut {
  return { ...presentUsage(view), own: view.own };
}

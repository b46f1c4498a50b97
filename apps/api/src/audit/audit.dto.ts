import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsString, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import {
  type AuditAction,
  type AuditActorKind,
  type AuditOutcome,
  auditActionNames,
  auditActions,
  auditOutcomes,
  errors,
} from '#contracts';
import type { AuditEntryRow, AuditFilter } from '#database';
import { type AuditBreak, type AuditSummary, type AuditVerification, auditBreaks, categoryOf } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { OffsetPageQuery } from '../http/page.js';

const actorKinds: AuditActorKind[] = ['user', 'api-key', 'system', 'anonymous'];

/** What the list and the export can be narrowed to. */
export class AuditFilterQuery {
  @ApiPropertyOptional({
    description: 'Only what this person did, also through API keys.',
    format: 'uuid',
    example: '0198c2f0-7b18-7b00-a193-0e1d2c3b4a5f',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  userId?: string;

  @ApiPropertyOptional({
    description: 'An action, or the beginning of some: `auth.` for all about logging in.',
    example: 'auth.login',
  })
  @IfGiven()
  @Matches(/^[a-z_.]{1,60}$/, { message: 'must be an action or the beginning of one' })
  action?: string;

  @ApiPropertyOptional({ description: 'Only what ended so.', enum: auditOutcomes, example: 'failure' })
  @IfGiven()
  @IsIn(auditOutcomes)
  outcome?: AuditOutcome;

  @ApiPropertyOptional({ description: 'Only what was done to things of this kind.', example: 'profile' })
  @IfGiven()
  @Matches(/^[a-z_-]{1,40}$/, { message: 'must be a kind of thing, such as profile' })
  resourceType?: string;

  @ApiPropertyOptional({
    description: 'Only what was done to this thing.',
    example: '0198c2f1-2b3c-7d4e-9f5a-6b7c8d9e0f1a',
  })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  resourceId?: string;

  @ApiPropertyOptional({
    description: 'Nothing from before this moment.',
    format: 'date-time',
    example: '2026-11-01T00:00:00.000Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true })
  startDate?: string;

  @ApiPropertyOptional({
    description: 'Nothing from this moment on. A date without a time means the end of that day (UTC).',
    format: 'date-time',
    example: '2026-11-30T23:59:59.999Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true })
  endDate?: string;
}

export class AuditLogsQuery extends IntersectionType(OffsetPageQuery, AuditFilterQuery) {}

export const exportFormats = ['csv', 'ndjson'] as const;

export class AuditExportQuery extends AuditFilterQuery {
  @ApiPropertyOptional({
    description: 'CSV for tables, or one JSON object a line.',
    enum: exportFormats,
    default: 'csv',
    example: 'csv',
  })
  @IfGiven()
  @IsIn(exportFormats)
  format: (typeof exportFormats)[number] = 'csv';
}

export class AuditSummaryQuery {
  @ApiPropertyOptional({ description: 'How many days back.', minimum: 1, maximum: 366, default: 30, example: 30 })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(366)
  days: number = 30;
}

export class AuditUserOut {
  @ApiProperty({ description: 'Id of the person.', format: 'uuid', example: '0198c2f0-7b18-7b00-a193-0e1d2c3b4a5f' })
  id: string;

  @ApiProperty({ description: 'Name at that time.', type: String, nullable: true, example: 'Ada Lovelace' })
  name: string | null;

  @ApiProperty({ description: 'Address at that time.', type: String, nullable: true, example: 'ada@example.com' })
  email: string | null;
}

export class AuditEntryOut {
  @ApiProperty({ description: 'Id of the entry.', format: 'uuid', example: '0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f' })
  id: string;

  @ApiProperty({
    description: 'Position in the hash chain; null for the moment until it is sealed.',
    type: Number,
    nullable: true,
    example: 1042,
  })
  seq: number | null;

  @ApiProperty({ description: 'What was done.', enum: auditActionNames, example: 'profile.connect' })
  action: AuditAction;

  @ApiProperty({ description: 'The part of the action before the dot.', example: 'profile' })
  category: string;

  @ApiProperty({ description: 'What came of it.', enum: auditOutcomes, example: 'success' })
  outcome: AuditOutcome;

  @ApiProperty({ description: 'Who did it: what kind of caller.', enum: actorKinds, example: 'user' })
  actorKind: AuditActorKind;

  @ApiProperty({
    description: 'The person, also behind an API key; null when nobody is known.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f0-7b18-7b00-a193-0e1d2c3b4a5f',
  })
  userId: string | null;

  @ApiProperty({ description: 'The person as known at that time.', type: AuditUserOut, nullable: true })
  user: AuditUserOut | null;

  @ApiProperty({
    description: 'The session or API key that was used.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f0-7b20-7b00-a193-0e1d2c3b4a5f',
  })
  credentialId: string | null;

  @ApiProperty({ description: 'Name of the API key.', type: String, nullable: true, example: 'Shop backend' })
  apiKeyName: string | null;

  @ApiProperty({ description: 'Kind of the thing it was done to.', example: 'profile' })
  resourceType: string;

  @ApiProperty({
    description: 'Id of the thing.',
    type: String,
    nullable: true,
    example: '0198c2f1-2b3c-7d4e-9f5a-6b7c8d9e0f1a',
  })
  resourceId: string | null;

  @ApiProperty({ description: 'Its name at that time.', type: String, nullable: true, example: 'Support' })
  resourceName: string | null;

  @ApiProperty({
    description: 'What differs: before. Secrets are masked.',
    type: Object,
    nullable: true,
    additionalProperties: true,
    example: { desiredState: 'disconnected' },
  })
  before: Record<string, unknown> | null;

  @ApiProperty({
    description: 'What differs: after. Secrets are masked.',
    type: Object,
    nullable: true,
    additionalProperties: true,
    example: { desiredState: 'connected' },
  })
  after: Record<string, unknown> | null;

  @ApiProperty({ description: 'From which address.', type: String, nullable: true, example: '192.0.2.7' })
  ipAddress: string | null;

  @ApiProperty({ description: 'With which client.', type: String, nullable: true, example: 'Mozilla/5.0' })
  userAgent: string | null;

  @ApiProperty({
    description: 'The request; also in the log of the server.',
    type: String,
    nullable: true,
    example: '0198c2f0-9e3c-7052-b3c4-d5e6f7a8b9c0',
  })
  requestId: string | null;

  @ApiProperty({
    description: 'Personal fields were erased, for privacy. The chain holds all the same.',
    example: false,
  })
  isRedacted: boolean;

  @ApiProperty({
    description: 'SHA-256 over the entry and the hash before it, hex; null until it is sealed.',
    type: String,
    nullable: true,
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  hash: string | null;

  @ApiProperty({ description: 'When it was done.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;
}

export class ActionCountOut {
  @ApiProperty({ description: 'The action.', enum: auditActionNames, example: 'auth.login' })
  action: AuditAction;

  @ApiProperty({ description: 'How many entries.', example: 12 })
  count: number;
}

export class CategoryCountOut {
  @ApiProperty({ description: 'The part of the action before the dot.', example: 'auth' })
  category: string;

  @ApiProperty({ description: 'How many entries.', example: 20 })
  count: number;
}

export class DayCountOut {
  @ApiProperty({ description: 'The day (UTC).', format: 'date', example: '2026-11-21' })
  date: string;

  @ApiProperty({ description: 'How many entries.', example: 8 })
  count: number;

  @ApiProperty({ description: 'How many of them failed or were refused.', example: 1 })
  failed: number;
}

export class AuditSummaryOut {
  @ApiProperty({ description: 'How many days back.', example: 30 })
  days: number;

  @ApiProperty({ description: 'Entries in that time.', example: 20 })
  totalLogs: number;

  @ApiProperty({ description: 'By action, most first.', type: [ActionCountOut] })
  byAction: ActionCountOut[];

  @ApiProperty({ description: 'By category.', type: [CategoryCountOut] })
  byCategory: CategoryCountOut[];

  @ApiProperty({ description: 'By day, oldest first; days without entries are left out.', type: [DayCountOut] })
  daily: DayCountOut[];
}

export class AuditActionOut {
  @ApiProperty({ description: 'Name for programs.', example: 'AUTH_LOGIN' })
  key: string;

  @ApiProperty({ description: 'As in the entries.', enum: auditActionNames, example: 'auth.login' })
  action: AuditAction;

  @ApiProperty({ description: 'The part of the action before the dot.', example: 'auth' })
  category: string;

  @ApiProperty({ description: 'When such an entry is written.', example: 'A person logged in.' })
  description: string;
}

export class VerifyAuditIn {
  @ApiPropertyOptional({
    description: 'A position of which you noted the hash earlier.',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    example: 1042,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  seq?: number;

  @ApiPropertyOptional({
    description: 'The hash that you noted. Shows that nobody put another chain in place of this one.',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  @IfGiven()
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be 64 hex digits in lower case' })
  hash?: string;
}

const breakNames = Object.keys(auditBreaks) as AuditBreak[];

export class AuditBreakOut {
  @ApiProperty({ description: 'Position of the first wrong entry.', example: 1043 })
  seq: number;

  @ApiProperty({
    description: 'Its id, where it is there.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2fa-0a1b-7c2d-8e3f-4a5b6c7d8e9f',
  })
  entryId: string | null;

  @ApiProperty({ description: 'What is wrong with it.', enum: breakNames, example: 'missing' })
  reason: AuditBreak;

  @ApiProperty({ description: 'The same for people.', example: 'An entry is missing: it was removed.' })
  sentence: string;
}

export class AuditVerificationOut {
  @ApiProperty({ description: 'Nothing was altered, removed or added.', example: true })
  isIntact: boolean;

  @ApiProperty({ description: 'Entries whose hashes were computed again.', example: 1042 })
  checked: number;

  @ApiProperty({ description: 'Entries up to here were removed by retention, under our signature.', example: 0 })
  removedThrough: number;

  @ApiProperty({
    description: 'Position of the last entry. Note it, with its hash, outside of Waypost.',
    example: 1042,
  })
  lastSeq: number;

  @ApiProperty({
    description: 'Hash of the last entry, hex.',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  lastHash: string;

  @ApiProperty({ description: 'Entries whose personal fields were erased, as other entries tell.', example: 0 })
  redacted: number;

  @ApiProperty({ description: 'Entries that came while it ran and are not sealed yet.', example: 0 })
  unsealed: number;

  @ApiProperty({
    description: 'The first entry that is wrong; null when none is.',
    type: AuditBreakOut,
    nullable: true,
  })
  broken: AuditBreakOut | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws validation when the end is not after the beginning */
export function toAuditFilter(query: AuditFilterQuery): AuditFilter {
  const { userId, action, outcome, resourceType, resourceId, startDate, endDate } = query;
  const from = startDate === undefined ? undefined : new Date(startDate);
  const end = endDate === undefined ? undefined : new Date(endDate);
  const to = end && DAY.test(endDate!) ? new Date(end.getTime() + 86_400_000) : end;
  for (const [path, date] of Object.entries({ startDate: from, endDate: to })) {
    const year = date?.getUTCFullYear();
    if (date && !(year! >= 1970 && year! <= 9999)) {
      throw errors.validation({ fields: [{ path, message: 'must be a date between 1970 and 9999' }] });
    }
  }
  if (from && to && to <= from) {
    throw errors.validation({ fields: [{ path: 'endDate', message: 'must be after startDate' }] });
  }
  return { userId, action, outcome, resourceType, resourceId, from, to };
}

export function presentAuditEntry(row: AuditEntryRow): AuditEntryOut {
  const { actorDetails, change } = row;
  return {
    id: row.id,
    seq: row.seq,
    action: row.action,
    category: categoryOf(row.action),
    outcome: row.outcome,
    actorKind: row.actorKind,
    userId: row.userId,
    user: row.userId && { id: row.userId, name: actorDetails?.name ?? null, email: actorDetails?.email ?? null },
    credentialId: row.credentialId,
    apiKeyName: actorDetails?.keyName ?? null,
    resourceType: row.resourceType,
    resourceId: row.resourceId,
    resourceName: change?.name ?? null,
    before: change?.before ?? null,
    after: change?.after ?? null,
    ipAddress: actorDetails?.ip ?? null,
    userAgent: actorDetails?.userAgent ?? null,
    requestId: row.requestId,
    isRedacted: row.redactedBy !== null,
    hash: row.hash?.toString('hex') ?? null,
    createdAt: row.at.toISOString(),
  };
}

export function presentSummary({ daily, ...summary }: AuditSummary): AuditSummaryOut {
  return { ...summary, daily: daily.map(({ day, ...figures }) => ({ date: day, ...figures })) };
}

export function presentActions(): AuditActionOut[] {
  return auditActionNames.map((action) => ({
    key: action.replaceAll(/[.-]/g, '_').toUpperCase(),
    action,
    category: categoryOf(action),
    description: auditActions[action],
  }));
}

export function presentVerification(result: AuditVerification): AuditVerificationOut {
  return { ...result };
}

import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';
import type { ErasureRow } from '#database';
import { GRACE_DAYS, keptByKind, MAX_GRACE_DAYS, type ScheduledErasure } from '#domain';
import { ReauthenticationIn } from '../auth/reauthentication.dto.js';
import { IfGiven } from '../http/if-given.js';
import { ContactRefIn } from './data-exports.dto.js';

const erasureStates: ErasureRow['state'][] = ['scheduled', 'running', 'completed', 'failed', 'cancelled'];
const erasureKinds: ErasureRow['kind'][] = ['user', 'contact', 'organization'];

export class EraseAccountIn extends ReauthenticationIn {
  @ApiPropertyOptional({
    description: 'How long it waits and can be cancelled. 0: at once.',
    minimum: 0,
    maximum: MAX_GRACE_DAYS,
    default: GRACE_DAYS,
    example: GRACE_DAYS,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_GRACE_DAYS)
  graceDays: number = GRACE_DAYS;
}

export class EraseContactIn extends IntersectionType(ContactRefIn, EraseAccountIn) {}

export class ReceiptIn {
  @ApiProperty({
    description: 'The receipt that the request for erasure answered.',
    example: 'wpe_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  })
  @IsString()
  @Matches(/^wpe_[A-Za-z0-9_-]{43}$/, { message: 'must be a receipt' })
  receipt: string;
}

export class KeptOut {
  @ApiProperty({ description: 'What was kept.', example: 'Entries of the audit trail without their personal fields' })
  what: string;

  @ApiProperty({ description: 'The reason.', example: 'They prove that nobody tampered with the log.' })
  why: string;
}

export class ErasureReportOut {
  @ApiProperty({
    description: 'Rows that were removed, by table.',
    type: Object,
    additionalProperties: { type: 'integer' },
    example: { messages: 250, conversations: 2, contacts: 2, identities: 2, persons: 1 },
  })
  removed: Record<string, number>;

  @ApiProperty({
    description: 'Rows that stay without what named the person, by table.',
    type: Object,
    additionalProperties: { type: 'integer' },
    example: { events: 900 },
  })
  redacted: Record<string, number>;

  @ApiProperty({ description: 'Files that were removed at once.', example: 12 })
  files: number;

  @ApiProperty({ description: 'What was kept, and why.', type: [KeptOut] })
  kept: KeptOut[];
}

export class ErasureOut {
  @ApiProperty({ description: 'Id of the erasure.', format: 'uuid', example: '0198c2fb-0a1b-7c2d-8e3f-4a5b6c7d8e9f' })
  id: string;

  @ApiProperty({
    description: 'A contact, your account, or with you as the only member the whole organization.',
    enum: erasureKinds,
    example: 'contact',
  })
  kind: ErasureRow['kind'];

  @ApiProperty({
    description: 'It can be cancelled while it is scheduled.',
    enum: erasureStates,
    example: 'completed',
  })
  state: ErasureRow['state'];

  @ApiProperty({ description: 'When it begins, or began.', format: 'date-time', example: '2026-11-28T08:30:00.000Z' })
  dueAt: string;

  @ApiProperty({
    description:
      'Code of what went wrong last: `last_owner` or `members_joined` when the organization changed meanwhile, else `internal_error`.',
    type: String,
    nullable: true,
    example: null,
  })
  error: string | null;

  @ApiProperty({ description: 'What was done so far.', type: ErasureReportOut })
  report: ErasureReportOut;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it ended.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-28T08:31:00.000Z',
  })
  finishedAt: string | null;
}

export class ScheduledErasureOut extends ErasureOut {
  @ApiProperty({
    description:
      'Shown once. With it the report can be read later without an account: `POST /account/erasure/receipt`.',
    example: 'wpe_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  })
  receipt: string;
}

export function presentErasure(row: ErasureRow): ErasureOut {
  const { id, kind, state, dueAt, error, report, createdAt, finishedAt } = row;
  return {
    ...{ id, kind, state, error },
    dueAt: dueAt.toISOString(),
    report: {
      removed: report.removed ?? {},
      redacted: report.redacted ?? {},
      files: report.files ?? 0,
      kept: keptByKind[kind],
    },
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function presentScheduled({ erasure, receipt }: ScheduledErasure): ScheduledErasureOut {
  return { ...presentErasure(erasure), receipt };
}

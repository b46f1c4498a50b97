import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayUnique,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { type ConversationStatus, conversationStatuses, type UserId } from '#contracts';
import type { AssignmentRow, NoteRow } from '#database';
import type { NoteDraft, StatusWish } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';

const memberExample = '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e';

export class AssignIn {
  @ApiProperty({
    description: 'A member who may read conversations of the profile; null: nobody has it any more.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: memberExample,
  })
  @ValidateIf((_, value) => value !== null)
  @IsUUID(undefined, { message: 'must be a UUID or null' })
  userId: UserId | null;
}

export class AssignmentOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-6a7b-7c8d-9e0f-1a2b3c4d5e6f' })
  id: string;

  @ApiProperty({
    description: 'Who had it from then on; null: nobody, or somebody who is gone.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: memberExample,
  })
  userId: string | null;

  @ApiProperty({ description: 'The member’s name now.', type: String, nullable: true, example: 'Budi' })
  userName: string | null;

  @ApiProperty({
    description: 'Who said so; null: somebody who is gone.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: memberExample,
  })
  assignedBy: string | null;

  @ApiProperty({ description: 'The name of who said so.', type: String, nullable: true, example: 'Ana' })
  assignedByName: string | null;

  @ApiProperty({ description: 'From when on.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  at: string;
}

export class ConversationStatusIn {
  @ApiProperty({ description: 'Whether there is work left.', enum: conversationStatuses, example: 'snoozed' })
  @IsIn(conversationStatuses)
  status: ConversationStatus;

  @ApiPropertyOptional({
    description: 'Of a snoozed one, and only of it: when it opens by itself.',
    format: 'date-time',
    example: '2030-01-07T08:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  snoozedUntil?: string;

  @ApiPropertyOptional({
    description: 'Whether the next message of the other party opens it.',
    default: true,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  reopens?: boolean;
}

export class NoteIn {
  @ApiProperty({
    description: 'What it says. It stays here and is never sent.',
    minLength: 1,
    maxLength: 10_000,
    example: 'Asked for a refund; Budi looks into it.',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  text: string;

  @ApiPropertyOptional({
    description: 'Members whom it is for. They are named in the event, for whoever notifies them.',
    type: [String],
    format: 'uuid',
    maxItems: 20,
    example: [],
  })
  @IfGiven()
  @IsIds(20)
  @ArrayUnique()
  mentions?: UserId[];
}

export class NoteOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-7b8c-7d9e-8f0a-1b2c3d4e5f60' })
  id: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({
    description: 'Who wrote it; null: somebody who is gone.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: memberExample,
  })
  authorUserId: string | null;

  @ApiProperty({ description: 'The author’s name now.', type: String, nullable: true, example: 'Ana' })
  authorName: string | null;

  @ApiProperty({ description: 'What it says.', example: 'Asked for a refund; Budi looks into it.' })
  text: string;

  @ApiProperty({ description: 'Members whom it is for.', type: [String], format: 'uuid', example: [memberExample] })
  mentions: string[];

  @ApiProperty({ description: 'When it was written.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it was last changed.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  editedAt: string | null;
}

export class RemovedNoteOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-7b8c-7d9e-8f0a-1b2c3d4e5f60' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export const toNoteDraft = ({ text, mentions = [] }: NoteIn): NoteDraft => ({ text, mentions });

export function toStatusWish({ status, snoozedUntil, reopens }: ConversationStatusIn): StatusWish {
  return { status, reopens, snoozedUntil: snoozedUntil === undefined ? undefined : new Date(snoozedUntil) };
}

export const presentAssignment = ({ at, ...row }: AssignmentRow): AssignmentOut => ({ ...row, at: at.toISOString() });

export function presentNote({ createdAt, editedAt, ...row }: NoteRow): NoteOut {
  return { ...row, createdAt: createdAt.toISOString(), editedAt: editedAt?.toISOString() ?? null };
}

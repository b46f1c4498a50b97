import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, Max, Min, ValidateIf } from 'class-validator';
import { errors } from '#contracts';
import { mutedForEver, whatsAppCapabilities } from '#engine';
import { IfGiven } from '../http/if-given.js';

const timers = whatsAppCapabilities.content.disappearingSeconds;
const tenYears = 10 * 365 * 24 * 3600;

export class MuteIn {
  @ApiPropertyOptional({ description: 'False: not muted any more.', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  muted?: boolean;

  @ApiPropertyOptional({
    description: 'For how many seconds; WhatsApp’s apps offer 28,800 and 604,800. Without it and `until`: for ever.',
    minimum: 1,
    maximum: tenYears,
    example: 28_800,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(tenYears)
  seconds?: number;

  @ApiPropertyOptional({
    description: 'Until when, in place of `seconds`. ISO 8601.',
    format: 'date-time',
    example: '2026-12-01T08:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  until?: string;
}

export class PinChatIn {
  @ApiPropertyOptional({ description: 'False: takes it down.', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  pinned?: boolean;
}

export class MarkIn {
  @ApiPropertyOptional({ description: 'False: takes the mark away.', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  unread?: boolean;
}

export class TimerIn {
  @ApiProperty({
    description: `After how many seconds new messages disappear: ${timers.join(', ')}; null: they stay.`,
    enum: timers,
    nullable: true,
    example: 604_800,
  })
  @ValidateIf((_, value) => value !== null)
  @IsIn(timers)
  seconds: number | null;
}

export class ClearQuery {
  @ApiPropertyOptional({ description: 'Starred messages stay.', default: false, example: false })
  @IfGiven()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  keepStarred?: boolean;
}

export class RemovedConversationOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

/** @throws validation for a moment that has passed */
export function muteUntil({ muted = true, seconds, until }: MuteIn): Date | null {
  if (!muted) return null;
  if (seconds !== undefined) return new Date(Date.now() + seconds * 1000);
  if (until === undefined) return mutedForEver;
  const moment = new Date(until);
  if (moment > new Date()) return moment;
  throw errors.validation({ fields: [{ path: 'until', message: 'must lie ahead' }] });
}

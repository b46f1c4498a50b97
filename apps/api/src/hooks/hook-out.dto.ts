import { ApiProperty, PickType } from '@nestjs/swagger';
import { type HookRequestState, hookRequestStates } from '#contracts';
import type { HookDay } from '#database';
import type { DeduplicateBy, Hook } from '#domain';
import { exampleActions } from './hook-actions.docs.js';
import { HookDeduplicationIn, HookVerificationIn } from './hook-in.dto.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
const hookId = '0198c2f5-1a2b-7c3d-8e4f-5a6b7c8d9e0f';

export class HookVerificationOut extends PickType(HookVerificationIn, [
  'kind',
  'header',
  'prefix',
  'encoding',
  'timestampHeader',
  'toleranceSeconds',
] as const) {
  @ApiProperty({ description: 'Whether there is a secret; it is never shown again.', example: true })
  hasSecret: boolean;
}

export class HookOut {
  @ApiProperty({ description: 'Id of the hook.', format: 'uuid', example: hookId })
  id: string;

  @ApiProperty({ description: 'The profile that acts.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({ description: 'What it is called.', example: 'Orders of the shop' })
  name: string;

  @ApiProperty({ description: 'How requests prove where they come from.', type: HookVerificationOut })
  verification: HookVerificationOut;

  @ApiProperty({
    description: 'What is done with a request.',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: exampleActions,
  })
  actions: Record<string, unknown>[];

  @ApiProperty({
    description: 'Where a request says its own id; null: nowhere.',
    type: HookDeduplicationIn,
    nullable: true,
    example: { header: 'x-delivery-id' },
  })
  deduplicateBy: DeduplicateBy | null;

  @ApiProperty({ description: 'From where it takes requests; empty: from anywhere.', type: [String], example: [] })
  allowedIps: string[];

  @ApiProperty({ description: 'Requests per minute.', example: 120 })
  ratePerMinute: number;

  @ApiProperty({
    description: 'Country of numbers that come without one.',
    type: String,
    nullable: true,
    example: 'DE',
  })
  defaultCountry: string | null;

  @ApiProperty({ description: 'Whether it takes requests.', example: true })
  enabled: boolean;

  @ApiProperty({
    description: 'Until when the address before the last rotation works; null: it does not.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  formerAddressUntil: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export class UpdatedHookOut extends HookOut {
  @ApiProperty({
    description: 'The secret, where a new one was made for you. Shown only here.',
    type: String,
    nullable: true,
    example: null,
  })
  secret: string | null;
}

export class ShownHookOut extends UpdatedHookOut {
  @ApiProperty({
    description: 'The address to post to. Whoever knows it can post, so it is shown only here.',
    example: 'https://waypost.example.com/api/v1/hooks/in/wph_Zk3vJ0q7Yt5n2cXw8rB1mLd4sEa6uGf9hPiQoTjVyNk',
  })
  url: string;
}

export class DeletedHookOut {
  @ApiProperty({ description: 'Id of the hook.', format: 'uuid', example: hookId })
  id: string;

  @ApiProperty({ description: 'Always true: its address takes nothing from now on.', example: true })
  deleted: boolean;
}

export class HookDayOut {
  @ApiProperty({ description: 'The day, by UTC.', example: '2026-11-21' })
  day: string;

  @ApiProperty({ description: 'What became of them.', enum: hookRequestStates, example: 'done' })
  state: HookRequestState;

  @ApiProperty({ description: 'How many there were.', example: 42 })
  count: number;

  @ApiProperty({
    description: 'From receipt to the end, in the mean, milliseconds; null while none has ended.',
    type: Number,
    format: 'double',
    nullable: true,
    example: 84.5,
  })
  meanMs: number | null;
}

export class HookStatisticsOut {
  @ApiProperty({ description: 'Id of the hook.', format: 'uuid', example: hookId })
  hookId: string;

  @ApiProperty({
    description: 'Requests of these days in all, by what became of them.',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { done: 42, failed: 1 },
  })
  totals: Record<string, number>;

  @ApiProperty({ description: 'Day by day, the oldest first; days without requests are left out.', type: [HookDayOut] })
  days: HookDayOut[];
}

export function presentHook({ verification, hasSecret, formerTokenUntil, ...hook }: Hook): HookOut {
  const { id, name, deduplicateBy, allowedIps, ratePerMinute, defaultCountry, enabled } = hook;
  const isOverlapping = formerTokenUntil !== null && formerTokenUntil > new Date();
  return {
    id,
    profileId: hook.profileId,
    name,
    verification: { ...verification, hasSecret },
    actions: hook.actions as unknown as Record<string, unknown>[],
    deduplicateBy,
    allowedIps,
    ratePerMinute,
    defaultCountry,
    enabled,
    formerAddressUntil: isOverlapping ? formerTokenUntil.toISOString() : null,
    createdAt: hook.createdAt.toISOString(),
    updatedAt: hook.updatedAt.toISOString(),
  };
}

export function presentStatistics(id: string, days: HookDay[]): HookStatisticsOut {
  const totals: Record<string, number> = {};
  for (const { state, count } of days) totals[state] = (totals[state] ?? 0) + count;
  return { hookId: id, totals, days };
}

import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsTimeZone,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import {
  type BroadcastMessage,
  type BroadcastSettings,
  DEFAULT_BROADCAST_LATE_SECONDS,
  defaultBroadcastSettings as defaults,
  errors,
  type ProfileId,
  type SenderLossPolicy,
  senderLossPolicies,
} from '#contracts';
import type { BroadcastChanges, BroadcastDraft } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { IsName } from '../http/is-name.js';
import { RecipientsIn, toAudience } from './audience-in.dto.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
const HOUR = 3_600_000;
const MAX_LATE_SECONDS = 7 * 86_400;
const time = /^([01]\d|2[0-3]):[0-5]\d$/;
const messageSays =
  'As the body of a single send, without its address: `{type: "text", text}`, `{type: "image", url, text}` (also `video`, `audio`, `voice`, `gif`, `document`, `sticker`, `video-note`, with `url`, `base64` or `uploadId`), `location`, `contact`, `poll`, `event`, `buttons`, `list`, `carousel`, or `{type: "template", templateId}`. All words, also those of options and buttons, have the language of templates: `{{name}}`, `{{phone}}`, own fields of the contact, and what comes with the recipient.';

class DailyWindowIn {
  @ApiProperty({ description: 'It begins.', example: '09:00' })
  @Matches(time, { message: 'must be a time such as 09:00' })
  from: string;

  @ApiProperty({ description: 'It ends; before `from`: on the next day.', example: '20:00' })
  @Matches(time, { message: 'must be a time such as 20:00' })
  to: string;
}

const Milliseconds =
  (about: string, most: number, example: number): PropertyDecorator =>
  (target, key) => {
    ApiPropertyOptional({ description: about, minimum: 0, maximum: most, default: example, example })(target, key);
    IfGiven()(target, key);
    IsInt()(target, key as string);
    Min(0)(target, key as string);
    Max(most)(target, key as string);
  };

export class BroadcastSettingsIn implements Partial<BroadcastSettings> {
  @Milliseconds('Least pause between two messages of one number, milliseconds.', HOUR, defaults.delayMin)
  delayMin?: number;

  @Milliseconds('Longest pause; each is drawn between the two.', HOUR, defaults.delayMax)
  delayMax?: number;

  @ApiPropertyOptional({
    description: 'After so many messages a number pauses for longer.',
    minimum: 1,
    maximum: 100_000,
    default: defaults.batchSize,
    example: defaults.batchSize,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100_000)
  batchSize?: number;

  @Milliseconds('That longer pause, milliseconds.', 24 * HOUR, defaults.batchPause)
  batchPause?: number;

  @ApiPropertyOptional({
    description: 'Try again where that can help: never after an outcome that is not known.',
    default: defaults.retryFailed,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  retryFailed?: boolean;

  @ApiPropertyOptional({
    description: 'How often.',
    minimum: 0,
    maximum: 10,
    default: defaults.retryAttempts,
    example: defaults.retryAttempts,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(10)
  retryAttempts?: number;

  @ApiPropertyOptional({
    description: 'Whoever writes after the broadcast began gets nothing more of it.',
    default: false,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  stopOnReply?: boolean;

  @ApiPropertyOptional({
    description: 'Hours after its message in which what a recipient writes counts as an answer.',
    minimum: 1,
    maximum: 720,
    default: defaults.replyWindowHours,
    example: defaults.replyWindowHours,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(720)
  replyWindowHours?: number;

  @ApiPropertyOptional({
    description: 'Local times between which it sends; null: all day. The quiet hours of its numbers count as well.',
    type: DailyWindowIn,
    nullable: true,
    example: { from: '09:00', to: '20:00' },
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject({ message: 'must be an object or null' })
  @ValidateNested()
  @Type(() => DailyWindowIn)
  dailyWindow?: DailyWindowIn | null;

  @ApiPropertyOptional({
    description:
      'When a number is logged out, restricted, time-locked or away for a minute: its share waits for it (`wait`), goes to the other numbers (`reassign`), or the broadcast stops until somebody resumes it (`fail`).',
    enum: senderLossPolicies,
    default: defaults.onSenderLost,
    example: 'reassign',
  })
  @IfGiven()
  @IsIn(senderLossPolicies)
  onSenderLost?: SenderLossPolicy;

  @ApiPropertyOptional({
    description:
      'Values for places of the texts, the same for all recipients; what is known of a recipient goes before them. At most 16 KiB.',
    type: 'object',
    additionalProperties: true,
    example: { offer: 'Two for one' },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  variables?: Record<string, unknown>;
}

export class BroadcastVariantIn {
  @ApiProperty({ description: 'Its name in the figures.', maxLength: 100, example: 'Short' })
  @IsName()
  name: string;

  @ApiProperty({ description: 'Its share, beside those of the others.', minimum: 1, maximum: 1000, example: 50 })
  @IsInt()
  @Min(1)
  @Max(1000)
  share: number;

  @ApiProperty({
    description: messageSays,
    type: Object,
    additionalProperties: true,
    example: { type: 'text', text: 'Hi {{name | default: "there"}}!' },
  })
  @IsObject({ message: 'must be an object' })
  message: BroadcastMessage;
}

export class CreateBroadcastIn {
  @ApiProperty({ description: 'The profile whose broadcast it is.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: 'Its name.', maxLength: 100, example: 'November offer' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description: `What it says. Needed unless there are variants. ${messageSays}`,
    type: Object,
    additionalProperties: true,
    example: { type: 'text', text: 'Hi {{name | default: "there"}}, have a look: https://example.com' },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  message?: BroadcastMessage;

  @ApiPropertyOptional({
    description:
      'Two to ten messages to try out side by side, in place of `message`; each recipient gets one, always the same.',
    type: [BroadcastVariantIn],
    example: [
      { name: 'A', share: 1, message: { type: 'text', text: 'Hi {{name | default: "there"}}!' } },
      { name: 'B', share: 1, message: { type: 'text', text: 'Hello!' } },
    ],
  })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => BroadcastVariantIn)
  variants?: BroadcastVariantIn[];

  @ApiProperty({
    description:
      'Whom it is for. Left out, each with the reason in the list of recipients: who opted out or is blocked, numbers that are known not to be on WhatsApp, and repeats.',
    type: RecipientsIn,
    example: { type: 'tags', value: ['customers'] },
  })
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => RecipientsIn)
  recipients: RecipientsIn;

  @ApiPropertyOptional({
    description: 'How it sends.',
    type: BroadcastSettingsIn,
    example: { delayMin: 5000, delayMax: 9000 },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => BroadcastSettingsIn)
  settings?: BroadcastSettingsIn;

  @ApiPropertyOptional({
    description:
      'The numbers that send, side by side; none: the profile itself. Whoever knows one of them hears from that one.',
    type: [String],
    example: [profileId],
  })
  @IfGiven()
  @ArrayMinSize(1)
  @IsIds(50)
  senders?: ProfileId[];

  @ApiPropertyOptional({
    description: 'Time zone of the daily window and of dates in texts. Default: UTC.',
    maxLength: 64,
    example: 'Europe/Berlin',
  })
  @IfGiven()
  @IsTimeZone({ message: 'must be the name of a time zone, such as Europe/Berlin' })
  @MaxLength(64)
  timeZone?: string;
}

/** What is left out stays; `settings` are changed one by one. */
export class UpdateBroadcastIn extends PartialType(OmitType(CreateBroadcastIn, ['profileId']), {
  skipNullProperties: false,
}) {}

export class ScheduleBroadcastIn {
  @ApiProperty({
    description:
      'When it starts, ISO 8601: with an offset or Z that moment; without one the time of day in its `timeZone`.',
    maxLength: 40,
    example: '2030-12-02T09:00:00Z',
  })
  @IsString()
  @Length(8, 40)
  scheduledAt: string;

  @ApiPropertyOptional({
    description:
      'Repeats it: a rule of RFC 5545, counted from `scheduledAt`, in its `timeZone`. Each occurrence is a broadcast of its own, made of this one at its time, with whoever belongs to its audience then. Null: once.',
    type: String,
    nullable: true,
    maxLength: 520,
    example: 'FREQ=WEEKLY;BYDAY=MO',
  })
  @IsOptional()
  @IsString()
  @Length(1, 520)
  recurrence?: string | null;

  @ApiPropertyOptional({
    description:
      'How late it, or an occurrence, may begin after Waypost had stopped, seconds. What is later is left out: one that was to start once fails with `missed` then and can be started by hand. Of several occurrences that passed meanwhile the newest begins.',
    minimum: 0,
    maximum: MAX_LATE_SECONDS,
    default: DEFAULT_BROADCAST_LATE_SECONDS,
    example: DEFAULT_BROADCAST_LATE_SECONDS,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_LATE_SECONDS)
  lateWindowSeconds?: number;
}

export function toScheduleWanted({ scheduledAt, recurrence = null, lateWindowSeconds }: ScheduleBroadcastIn) {
  return { scheduledAt, recurrence, lateWindowSeconds: lateWindowSeconds ?? DEFAULT_BROADCAST_LATE_SECONDS };
}

/** @throws validation */
export function toBroadcastDraft(body: CreateBroadcastIn): BroadcastDraft {
  const { name, timeZone, senders } = body;
  const variants = variantsOf(body);
  if (!variants) {
    throw errors.validation({ fields: [{ path: 'message', message: 'is needed, or variants' }] });
  }
  const settings = body.settings as BroadcastDraft['settings'];
  return {
    profileId: body.profileId,
    name,
    variants,
    audience: toAudience(body.recipients),
    settings,
    timeZone,
    senders,
  };
}

/** @throws validation */
export function toBroadcastChanges(body: UpdateBroadcastIn): BroadcastChanges {
  const { name, timeZone, senders, recipients } = body;
  const settings = body.settings as BroadcastChanges['settings'];
  const audience = recipients && toAudience(recipients);
  return { name, variants: variantsOf(body), audience, settings, timeZone, senders };
}

function variantsOf({ message, variants }: UpdateBroadcastIn): BroadcastDraft['variants'] | undefined {
  if (variants) return variants.map(({ name, share, message }) => ({ name, share, message }));
  return message && [{ name: 'A', share: 1, message }];
}

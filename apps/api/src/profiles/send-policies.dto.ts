import { ApiProperty, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type SendHoldCode, sendHolds } from '#contracts';
import {
  defaultSendPolicy,
  type HoldView,
  type LimitUse,
  type PolicyState,
  policyBounds,
  type SendPolicy,
  standings,
} from '#domain';
import { IfGiven } from '../http/if-given.js';

const holdCodes = Object.keys(sendHolds);
const lanes = ['interactive', 'campaign'];
const moment = '2026-11-21T08:31:00.000Z';

/** A whole number of the policy within its bounds. */
function Whole(name: keyof typeof policyBounds, description: string, example: number, may?: 'be null') {
  const { min, max } = policyBounds[name];
  const nullable = may !== undefined;
  const byDefault = defaultSendPolicy[name];
  const described = ApiProperty({
    description: `${description} By default ${byDefault ?? 'no limit'}.`,
    type: 'integer',
    nullable,
    minimum: min,
    maximum: max,
    example,
  });
  return (target: object, key: string) => {
    described(target, key);
    ValidateIf((_, value) => value !== undefined && !(nullable && value === null))(target, key);
    IsInt()(target, key);
    Min(min)(target, key);
    Max(max)(target, key);
  };
}

function Flag(description: string, example: boolean) {
  const described = ApiProperty({ description, example });
  return (target: object, key: string) => {
    described(target, key);
    IfGiven()(target, key);
    IsBoolean()(target, key);
  };
}

export class QuietHours {
  @ApiProperty({ description: 'Local time at which they begin, HH:mm.', example: '21:00' })
  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/, { message: 'must be a time, such as 21:00' })
  from: string;

  @ApiProperty({ description: 'Local time at which they end; on the next day when it is earlier.', example: '08:00' })
  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/, { message: 'must be a time, such as 08:00' })
  to: string;
}

export class SendPolicyOut implements SendPolicy {
  @Whole('messageDelayMs', 'Least pause between the end of one send and the beginning of the next, milliseconds.', 1500)
  messageDelayMs: number;

  @Whole('messageDelayJitterMs', 'Up to so much is added to each pause at random, milliseconds.', 1000)
  messageDelayJitterMs: number;

  @Flag('Whether "typing…" is shown before a message, as long as a person would need.', true)
  typingEnabled: boolean;

  @Whole('typingMsPerCharacter', 'How long a character takes, milliseconds.', 60)
  typingMsPerCharacter: number;

  @Whole('typingMaxMs', 'Longest time of typing, milliseconds.', 6000)
  typingMaxMs: number;

  @Whole('minuteLimit', 'Most messages within any 60 seconds.', 20, 'be null')
  minuteLimit: number | null;

  @Whole('hourLimit', 'Most messages within any 60 minutes.', 300, 'be null')
  hourLimit: number | null;

  @Whole('dailyMessageLimit', 'Most messages on a day of the time zone.', 1000, 'be null')
  dailyMessageLimit: number | null;

  @Whole('coldDailyLimit', 'Of them: most to people who have not written within the service window.', 250, 'be null')
  coldDailyLimit: number | null;

  @Whole('newContactDailyLimit', 'Of those: most to people who never wrote to this number.', 50, 'be null')
  newContactDailyLimit: number | null;

  @Whole('campaignSharePercent', 'Campaigns stop when so much of a limit is used; the rest is for conversations.', 80)
  campaignSharePercent: number;

  @Whole('serviceWindowHours', 'Whoever wrote within so many hours is answered without the limits for others.', 24)
  serviceWindowHours: number;

  @Flag('Whether the number is being warmed up: what it sends outside the service window rises from day to day.', false)
  warmupEnabled: boolean;

  @Whole('warmupStartPerDay', 'Messages of the first day.', 20)
  warmupStartPerDay: number;

  @Whole('warmupRampDays', 'Days until the cold limit, or else the daily limit, is reached.', 14)
  warmupRampDays: number;

  @ApiProperty({
    description: 'When the warm-up began. Set when it is switched on, unless it is given.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: moment,
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsISO8601({ strict: true }, { message: 'must be a moment in ISO 8601' })
  warmupStartedAt: string | null;

  @Whole('warmupRestartIdleDays', 'After so many days without a message the warm-up begins anew.', 30, 'be null')
  warmupRestartIdleDays: number | null;

  @ApiProperty({ description: 'When it is quiet; null: never.', type: QuietHours, nullable: true })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => QuietHours)
  quietHours: QuietHours | null;

  @ApiProperty({
    description:
      'What rests in quiet hours: campaigns; also messages outside the service window (unsolicited); or everything.',
    enum: ['campaign', 'unsolicited', 'everything'],
    example: 'unsolicited',
  })
  @IfGiven()
  @IsIn(['campaign', 'unsolicited', 'everything'])
  quietHoursFor: SendPolicy['quietHoursFor'];

  @ApiProperty({ description: 'Time zone of days and quiet hours, by its IANA name.', example: 'Asia/Jakarta' })
  @IfGiven()
  @IsString()
  @MaxLength(64)
  timeZone: string;

  @Whole('repeatSuppressionSeconds', 'The same text to the same chat is refused within so many seconds; 0: never.', 60)
  repeatSuppressionSeconds: number;

  @Flag('Whether many failures outside the service window make sending there rest for half an hour.', true)
  circuitBreaker: boolean;

  @Flag("Whether WhatsApp's time-lock (463) stops messages to people who never wrote.", true)
  timeLockGuard: boolean;

  @ApiProperty({
    description: 'Whether a message that a limit of the day holds back is accepted and waits, or is refused (429).',
    enum: ['wait', 'refuse'],
    example: 'wait',
  })
  @IfGiven()
  @IsIn(['wait', 'refuse'])
  whenLimited: SendPolicy['whenLimited'];
}

/** What is left out stays as it is; null is not absence, and is checked. */
export class SendPolicyIn extends PartialType(SendPolicyOut, { skipNullProperties: false }) {}

export class HoldOut {
  @ApiProperty({ description: 'Stable code of the reason.', enum: holdCodes, example: 'quiet_hours' })
  code: SendHoldCode;

  @ApiProperty({ description: 'The reason for people.', example: sendHolds.quiet_hours.sentence })
  sentence: string;

  @ApiProperty({
    description: 'Not before this moment; it is decided anew then.',
    format: 'date-time',
    example: moment,
  })
  until: string;
}

export class LimitUseOut {
  @ApiProperty({ description: 'Which limit.', enum: holdCodes, example: 'daily_limit' })
  code: SendHoldCode;

  @ApiProperty({ description: 'How much it allows now.', example: 1000 })
  limit: number;

  @ApiProperty({ description: 'How much is used.', example: 412 })
  used: number;

  @ApiProperty({ description: 'How much is left.', example: 588 })
  remaining: number;

  @ApiProperty({ description: 'When there is room again at the latest.', format: 'date-time', example: moment })
  resetsAt: string;
}

export class WarmUpOut {
  @ApiProperty({ description: 'Day of the warm-up; the first is 0.', example: 3 })
  day: number;

  @ApiProperty({
    description: 'Messages outside the service window that this day allows; null once the ramp is over.',
    type: Number,
    nullable: true,
    example: 69,
  })
  limit: number | null;
}

export class CircuitOut {
  @ApiProperty({
    description: 'closed: all is well; open: messages outside the service window rest; half_open: one tries.',
    enum: ['closed', 'open', 'half_open'],
    example: 'closed',
  })
  state: string;

  @ApiProperty({ description: 'When one tries.', type: String, format: 'date-time', nullable: true, example: moment })
  until: string | null;

  @ApiProperty({ description: 'Of the last ten messages outside the service window: went through.', example: 9 })
  succeeded: number;

  @ApiProperty({ description: 'Of them: failed.', example: 1 })
  failed: number;
}

export class TimeLockOut {
  @ApiProperty({ description: 'Since when.', format: 'date-time', example: moment })
  since: string;

  @ApiProperty({ description: 'When it ends, or when one message tries.', format: 'date-time', example: moment })
  until: string;

  @ApiProperty({ description: "Whether the end is WhatsApp's word.", example: true })
  isNamed: boolean;

  @ApiProperty({
    description: 'Who is not written to: who never wrote, or also who has not written lately.',
    enum: ['new', 'unsolicited'],
    example: 'new',
  })
  scope: string;
}

export class NextSendOut {
  @ApiProperty({ description: 'Single messages, or those of campaigns.', enum: lanes, example: 'campaign' })
  lane: string;

  @ApiProperty({
    description: 'To people who wrote within the service window, before that, or never.',
    enum: standings,
    example: 'new',
  })
  standing: string;

  @ApiProperty({ description: 'Why it may not go now; null when it may.', type: HoldOut, nullable: true })
  hold: HoldOut | null;
}

export class SendPolicyStateOut {
  @ApiProperty({ description: 'The moment this is about.', format: 'date-time', example: moment })
  at: string;

  @ApiProperty({ description: 'The local day that is counted.', example: '2026-11-21' })
  day: string;

  @ApiProperty({ description: 'When the next day begins.', format: 'date-time', example: moment })
  dayEndsAt: string;

  @ApiProperty({ description: 'Messages of this day.', example: 412 })
  sentToday: number;

  @ApiProperty({ description: 'Of them: outside the service window.', example: 40 })
  unsolicitedToday: number;

  @ApiProperty({ description: 'Of those: to people who never wrote.', example: 12 })
  newContactsToday: number;

  @ApiProperty({ description: 'Messages of the last minute, rounded up by some seconds.', example: 7 })
  sentLastMinute: number;

  @ApiProperty({ description: 'Messages of the last hour, rounded up by some minutes.', example: 93 })
  sentLastHour: number;

  @ApiProperty({ description: 'The last message.', type: String, format: 'date-time', nullable: true, example: moment })
  lastSentAt: string | null;

  @ApiProperty({ description: 'The limits that are set.', type: [LimitUseOut] })
  limits: LimitUseOut[];

  @ApiProperty({ description: 'The warm-up; null without one.', type: WarmUpOut, nullable: true })
  warmUp: WarmUpOut | null;

  @ApiProperty({ description: 'The circuit breaker.', type: CircuitOut })
  circuit: CircuitOut;

  @ApiProperty({ description: "WhatsApp's time-lock; null without one.", type: TimeLockOut, nullable: true })
  timeLock: TimeLockOut | null;

  @ApiProperty({ description: 'What may go now, by kind of message.', type: [NextSendOut] })
  next: NextSendOut[];
}

export function presentState(state: PolicyState): SendPolicyStateOut {
  const { circuit, timeLock } = state;
  return {
    ...state,
    at: state.at.toISOString(),
    dayEndsAt: state.dayEndsAt.toISOString(),
    lastSentAt: state.lastSentAt?.toISOString() ?? null,
    limits: state.limits.map(presentUse),
    circuit: { ...circuit, until: circuit.until?.toISOString() ?? null },
    timeLock: timeLock && { ...timeLock, since: timeLock.since.toISOString(), until: timeLock.until.toISOString() },
    next: state.next.map(({ hold, ...send }) => ({ ...send, hold: presentHold(hold) })),
  };
}

export function presentHold(hold: HoldView | null): HoldOut | null {
  return hold && { code: hold.code, sentence: hold.sentence, until: hold.until.toISOString() };
}

function presentUse({ resetsAt, ...use }: LimitUse): LimitUseOut {
  return { ...use, resetsAt: resetsAt.toISOString() };
}

import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
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
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { ProfileId, UploadId } from '#contracts';
import type { BatchRow } from '#database';
import { type BulkRequest, MAX_BULK_MESSAGES, type TemplateVariables } from '#domain';
import { type ContentType, contentKinds, contentTypes } from '../messages/content-kinds.js';
import { TemplateIn } from '../templates/template-sends.controller.js';
import { IsVariables } from './is-variables.js';

/** The kinds that the older product has, with words where all others have fields of their own. */
const wordedKinds = ['text', 'image', 'video', 'audio', 'document'] as const;
type WordedKind = (typeof wordedKinds)[number];
const kinds = [...contentTypes, 'template'] as const;
const MAX_TEXT = 65_536;

export const isWorded = (type: string): type is WordedKind => wordedKinds.includes(type as WordedKind);

/** Content of the kinds with words. */
export class BulkContentIn {
  @ApiPropertyOptional({
    description: 'Of texts. `{name}` and `{{name}}` are replaced by the variable; unknown ones stay as they are.',
    type: String,
    nullable: true,
    maxLength: MAX_TEXT,
    example: 'Hello {name}!',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  text?: string | null;

  @ApiPropertyOptional({
    description: 'Of media: a public http(s) address. One that occurs several times is fetched once.',
    type: String,
    nullable: true,
    maxLength: 2048,
    example: 'https://example.com/catalogue/shoes.jpg',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  url?: string | null;

  @ApiPropertyOptional({
    description: 'Of media: a file that was uploaded before, in place of `url`.',
    type: String,
    nullable: true,
    format: 'uuid',
    example: null,
  })
  @IsOptional()
  @IsUUID(undefined, { message: 'must be a UUID' })
  uploadId?: UploadId | null;

  @ApiPropertyOptional({
    description: 'Text under an image, video or document, with variables as in `text`.',
    type: String,
    nullable: true,
    maxLength: MAX_TEXT,
    example: 'New for you, {name}',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  caption?: string | null;

  @ApiPropertyOptional({
    description: 'Of documents: the name that the recipient sees.',
    type: String,
    nullable: true,
    maxLength: 255,
    example: 'menu.pdf',
  })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  filename?: string | null;

  @ApiPropertyOptional({
    description: 'Of documents whose content does not tell their type.',
    type: String,
    nullable: true,
    maxLength: 150,
    example: 'text/csv',
  })
  @IsOptional()
  @IsString()
  @MaxLength(150)
  mimetype?: string | null;

  @ApiPropertyOptional({
    description: 'Of audio: send as a voice message.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  ptt?: boolean | null;
}

/** What `content` may be, by the kind. */
const contents = [
  BulkContentIn,
  ...contentTypes.filter((type) => !isWorded(type)).map((type) => contentKinds[type].body),
  TemplateIn,
].filter((body, index, all) => all.indexOf(body) === index);

@ApiExtraModels(...contents)
export class BulkMessageIn {
  @ApiProperty({ description: 'The recipient, as for single sends.', maxLength: 100, example: '628123456789@c.us' })
  @IsString()
  @Length(1, 100)
  chatId: string;

  @ApiProperty({ description: 'What kind of message.', enum: kinds, example: 'text' })
  @IsIn(kinds)
  type: ContentType | 'template';

  @ApiProperty({
    description:
      'What it says. Of text, image, video, audio and document as `BulkContentIn`; of every other kind the fields of its single send, files by `url` or `uploadId`, with variables in all its texts; of a template its id, whose values are `variables`.',
    anyOf: contents.map((body) => ({ $ref: getSchemaPath(body) })),
    example: { text: 'Hello {name}!' },
  })
  @IsObject()
  content: object;

  @ApiPropertyOptional({
    description: 'Values for this recipient: texts, numbers or booleans under at most 50 names.',
    type: Object,
    nullable: true,
    additionalProperties: true,
    example: { name: 'Ana' },
  })
  @IsOptional()
  @IsVariables()
  variables?: TemplateVariables;
}

class BulkOptionsIn {
  @ApiPropertyOptional({
    description: 'Least pause between two messages, milliseconds.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: 60_000,
    default: 3000,
    example: 5000,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(60_000)
  delayBetweenMessages?: number | null;

  @ApiPropertyOptional({
    description: 'Adds up to two seconds at random to each pause.',
    type: Boolean,
    nullable: true,
    default: true,
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  randomizeDelay?: boolean | null;

  @ApiPropertyOptional({
    description: 'When a message fails, cancel those that have not been sent.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  stopOnError?: boolean | null;
}

export class BulkSendIn {
  @ApiProperty({
    description: 'The profile that sends.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description:
      'Your own name for the batch. A profile takes each name once, for ever: a repeat is 409. To repeat a request safely use Idempotency-Key.',
    type: String,
    nullable: true,
    maxLength: 128,
    example: 'newsletter-2026-11',
  })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be printable ASCII without spaces' })
  batchId?: string | null;

  @ApiProperty({ description: `1 to ${MAX_BULK_MESSAGES} messages, sent in this order.`, type: [BulkMessageIn] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK_MESSAGES)
  @ValidateNested({ each: true })
  @Type(() => BulkMessageIn)
  messages: BulkMessageIn[];

  @ApiPropertyOptional({ description: 'How they are sent.', type: BulkOptionsIn, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => BulkOptionsIn)
  options?: BulkOptionsIn | null;
}

export function toBulkRequest(
  { profileId, batchId, options }: BulkSendIn,
  messages: BulkRequest['messages'],
): BulkRequest {
  return {
    profileId,
    reference: batchId ?? undefined,
    messages,
    delayMs: options?.delayBetweenMessages ?? 3000,
    randomize: options?.randomizeDelay ?? true,
    stopOnError: options?.stopOnError ?? false,
  };
}

export class BulkSendOut {
  @ApiProperty({
    description: 'Your name for the batch, or else our id. Use it in the other calls.',
    example: 'newsletter-2026-11',
  })
  batchId: string;

  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'All messages are queued.', enum: ['processing'], example: 'processing' })
  status: string;

  @ApiProperty({ description: 'How many messages.', example: 2 })
  totalMessages: number;

  @ApiProperty({
    description: 'When the last message may go out at the earliest, by the pauses.',
    format: 'date-time',
    example: '2026-11-21T08:30:06.000Z',
  })
  estimatedCompletionTime: string;

  @ApiProperty({
    description: 'Where to see how far it is.',
    example: '/api/v1/bulk/batch/newsletter-2026-11?profileId=0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  statusUrl: string;
}

export function presentAccepted(batch: BatchRow): BulkSendOut {
  const batchId = batch.reference ?? batch.id;
  return {
    batchId,
    id: batch.id,
    status: batch.state,
    totalMessages: batch.total,
    estimatedCompletionTime: batch.estimatedEndAt.toISOString(),
    statusUrl: `/api/v1/bulk/batch/${encodeURIComponent(batchId)}?profileId=${batch.profileId}`,
  };
}

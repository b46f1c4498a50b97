import { ApiProperty, ApiPropertyOptional, IntersectionType, OmitType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import type { DeliveryState, ProfileId, UploadId } from '#contracts';
import type { MessageRecord } from '#domain';
import { whatsAppCapabilities } from '#engine';

/** Longest wait for an acknowledgement, seconds. */
const MAX_WAIT_SECONDS = 30;
/** Longest text or caption that WhatsApp's clients take, characters. */
const MAX_TEXT = 65_536;
/** More than a group of WhatsApp's has members. */
const MAX_MENTIONS = 1024;
/** Most people who are named for one status. */
const MAX_AUDIENCE = 5000;
const disappearingSeconds = [...whatsAppCapabilities.content.disappearingSeconds];

/** To whom something is said, and what any kind may say besides. */
export class AddressIn {
  @ApiProperty({
    description: 'The profile (WhatsApp number) that sends.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description:
      'The recipient: a phone number with country code (plus sign, spaces and dashes are fine), or `<phone>@s.whatsapp.net`, `<phone>@c.us`, `<lid>@lid`, `<id>@g.us`, `<id>@newsletter`, `status@broadcast`.',
    maxLength: 100,
    example: '+62 812-3456-789',
  })
  @IsString()
  @Length(1, 100)
  to: string;

  @ApiPropertyOptional({
    description: 'The message of this chat that this one answers: our id or WhatsApp’s.',
    type: String,
    nullable: true,
    maxLength: 128,
    example: null,
  })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  quotedMessageId?: string | null;

  @ApiPropertyOptional({
    description:
      'People who are named in the text or caption with `@<digits>`: their numbers or `<lid>@lid`. They are notified, and shown by name.',
    type: [String],
    nullable: true,
    maxItems: MAX_MENTIONS,
    example: null,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_MENTIONS)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  mentions?: string[] | null;

  @ApiPropertyOptional({
    description: 'The message disappears so many seconds after it: a day, a week or ninety days.',
    enum: disappearingSeconds,
    type: Number,
    nullable: true,
    example: null,
  })
  @IsOptional()
  @IsIn(disappearingSeconds)
  disappearsInSeconds?: number | null;

  @ApiPropertyOptional({
    description:
      'Of a status (`to`: `status@broadcast`): who may see it, as numbers or `<lid>@lid`. Absent: those whom the phone shows its statuses to, as far as its address book is known here; worked out when it is sent.',
    type: [String],
    nullable: true,
    maxItems: MAX_AUDIENCE,
    example: null,
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_AUDIENCE)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  audience?: string[] | null;
}

/** What every send that is answered when WhatsApp has it says. */
export class SendIn extends AddressIn {
  @ApiPropertyOptional({
    description:
      'Seconds to wait for WhatsApp’s acknowledgement before answering. When it does not come in time, or the profile is offline, the answer is 202 with status `queued`; the message goes out as soon as it can.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    default: 5,
    example: 5,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WAIT_SECONDS)
  wait?: number | null;
}

export class TextIn {
  @ApiProperty({
    description: 'The text. WhatsApp shows *bold*, _italic_, ~struck~ and ```monospace```.',
    minLength: 1,
    maxLength: MAX_TEXT,
    example: 'Your order is ready.',
  })
  @IsString()
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(MAX_TEXT)
  text: string;

  @ApiPropertyOptional({
    description:
      'Fetch the page of the first link and show its title and picture with the text. The installation decides what applies when this is left out (LINK_PREVIEWS), and may forbid it. A page that does not answer in time costs the preview, not the message.',
    type: Boolean,
    nullable: true,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  linkPreview?: boolean | null;

  @ApiPropertyOptional({
    description: 'Of a text that is shown as a status: its background, as `#rrggbb`.',
    type: String,
    nullable: true,
    example: null,
  })
  @IsOptional()
  @Matches(/^#[0-9a-f]{6}$/i, { message: 'must be a colour such as #128c7e' })
  background?: string | null;

  @ApiPropertyOptional({
    description: 'Of a text that is shown as a status: the number of WhatsApp’s typeface.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: 10,
    example: null,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10)
  font?: number | null;
}

export class SendTextIn extends IntersectionType(SendIn, TextIn) {}

export class ReplyIn extends OmitType(SendTextIn, ['quotedMessageId']) {
  @ApiProperty({
    description: 'The message of this chat that is answered: our id or WhatsApp’s.',
    maxLength: 128,
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IsString()
  @Length(1, 128)
  quotedMessageId: string;
}

/** Where the bytes come from, with an example that can be sent as it is. */
export function MediaSource(example: { url?: string; base64?: string; mimetype: string }) {
  class MediaSourceIn {
    @ApiPropertyOptional({
      description:
        'Where the file is fetched from: a public http(s) address, or one that an upload was given. Give this, `base64` or `uploadId`.',
      type: String,
      nullable: true,
      maxLength: 2048,
      example: example.url ?? null,
    })
    @IsOptional()
    @IsString()
    @MaxLength(2048)
    url?: string | null;

    @ApiPropertyOptional({
      description: 'The bytes of the file, also as a data URI. Give this, `url` or `uploadId`.',
      type: String,
      nullable: true,
      example: example.base64 ?? null,
    })
    @IsOptional()
    @IsString()
    base64?: string | null;

    @ApiPropertyOptional({
      description: 'A file that was uploaded before (`POST /uploads/media`). Give this, `url` or `base64`.',
      type: String,
      nullable: true,
      format: 'uuid',
      example: null,
    })
    @IsOptional()
    @IsUUID(undefined, { message: 'must be a UUID' })
    uploadId?: UploadId | null;

    @ApiPropertyOptional({
      description:
        'What you think the type is. The content decides; this counts only for documents whose content does not tell.',
      type: String,
      nullable: true,
      maxLength: 150,
      example: example.mimetype,
    })
    @IsOptional()
    @IsString()
    @MaxLength(150)
    mimetype?: string | null;
  }
  return MediaSourceIn;
}

export class CaptionIn {
  @ApiPropertyOptional({
    description: 'Text under the media.',
    type: String,
    nullable: true,
    maxLength: MAX_TEXT,
    example: 'The new ones',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  caption?: string | null;
}

class ViewOnceIn {
  @ApiPropertyOptional({
    description: 'Can be opened once, on a phone. For people and groups.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  viewOnce?: boolean | null;
}

const image = {
  base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  mimetype: 'image/png',
};
export class ImageIn extends IntersectionType(MediaSource(image), CaptionIn, ViewOnceIn) {}
export class SendImageIn extends IntersectionType(SendIn, ImageIn) {}

const video = { url: 'https://example.com/catalogue/shoes.mp4', mimetype: 'video/mp4' };
export class VideoIn extends IntersectionType(MediaSource(video), CaptionIn, ViewOnceIn) {}
export class SendVideoIn extends IntersectionType(SendIn, VideoIn) {}

const audio = {
  base64: 'UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==',
  mimetype: 'audio/wav',
};
export class AudioIn extends IntersectionType(MediaSource(audio), ViewOnceIn) {
  @ApiPropertyOptional({
    description: 'Send as a voice message (best as OGG with Opus) instead of an audio file.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  ptt?: boolean | null;
}
export class SendAudioIn extends IntersectionType(SendIn, AudioIn) {}

const document = { base64: 'VGhhbmsgeW91IGZvciB5b3VyIG9yZGVyLgo=', mimetype: 'text/plain' };
export class DocumentIn extends IntersectionType(MediaSource(document), CaptionIn) {
  @ApiPropertyOptional({
    description: 'The name that the recipient sees. Default: the name in the URL.',
    type: String,
    nullable: true,
    maxLength: 255,
    example: 'thanks.txt',
  })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  filename?: string | null;
}
export class SendDocumentIn extends IntersectionType(SendIn, DocumentIn) {}

/** What became of a send. */
export class SendOut {
  @ApiProperty({
    description: 'False only when the message certainly was not delivered and will not be.',
    example: true,
  })
  success: boolean;

  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  messageId: string;

  @ApiProperty({ description: 'WhatsApp’s id.', example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061' })
  waMessageId: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({
    description: '`queued` or `sending` while it is under way, `sent` once WhatsApp has it, or how it ended.',
    enum: ['queued', 'sending', 'sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'unknown'],
    example: 'sent',
  })
  status: string;

  @ApiProperty({
    description: 'Why it failed, expired or is unknown: a stable code. Null otherwise.',
    type: String,
    nullable: true,
    example: null,
  })
  error: string | null;

  @ApiProperty({
    description: 'A sentence when the message is queued for longer, such as for a profile that is offline.',
    type: String,
    nullable: true,
    example: null,
  })
  warning: string | null;
}

const failures: readonly string[] = ['failed', 'cancelled', 'expired'] satisfies DeliveryState[];

export function presentSend(
  message: MessageRecord,
  outcome: { state: string; reason: string | null },
  warning: string | null,
): SendOut {
  return {
    success: !failures.includes(outcome.state),
    messageId: message.id,
    waMessageId: message.waMessageId,
    conversationId: message.conversationId,
    status: outcome.state,
    error: outcome.reason,
    warning,
  };
}

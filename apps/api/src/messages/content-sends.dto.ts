import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsInt,
  IsISO8601,
  IsLatitude,
  IsLongitude,
  IsNumber,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { errors } from '#contracts';
import { CardUnreadable, makeCard, readCard, recipientOf } from '#domain';
import { whatsAppCapabilities } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { CaptionIn, MediaSource, SendIn } from './send.dto.js';

const { poll, maxContacts } = whatsAppCapabilities.content;

class PlaceIn {
  @ApiProperty({
    description: 'Degrees, north is positive.',
    format: 'double',
    minimum: -90,
    maximum: 90,
    example: 52.5163,
  })
  @IsNumber()
  @IsLatitude()
  latitude: number;

  @ApiProperty({
    description: 'Degrees, east is positive.',
    format: 'double',
    minimum: -180,
    maximum: 180,
    example: 13.3777,
  })
  @IsNumber()
  @IsLongitude()
  longitude: number;
}

export class LocationIn extends PlaceIn {
  @ApiPropertyOptional({ description: 'What is there.', maxLength: 1000, example: 'Brandenburg Gate' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  name?: string;

  @ApiPropertyOptional({ description: 'Its address.', maxLength: 1000, example: 'Pariser Platz, Berlin' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  address?: string;
}

export class LiveLocationIn extends PlaceIn {
  @ApiPropertyOptional({ description: 'Words under it.', maxLength: 1024, example: 'On my way' })
  @IfGiven()
  @IsString()
  @MaxLength(1024)
  caption?: string;

  @ApiPropertyOptional({ description: 'How exact it is.', minimum: 0, maximum: 100_000, example: 20 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(100_000)
  accuracyMeters?: number;

  @ApiPropertyOptional({
    description: 'How fast it moves.',
    format: 'double',
    minimum: 0,
    maximum: 1000,
    example: 4.5,
  })
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1000)
  speedMetersPerSecond?: number;

  @ApiPropertyOptional({ description: 'Where it goes, from north clockwise.', minimum: 0, maximum: 360, example: 90 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(360)
  headingDegrees?: number;
}

export class ContactIn {
  @ApiPropertyOptional({ description: 'Shown name. Needed unless `vcard` is given.', maxLength: 200, example: 'Ada' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({
    description: 'Phone number with country code. Needed unless `vcard` is given.',
    maxLength: 40,
    example: '+49 151 12345678',
  })
  @IfGiven()
  @IsString()
  @MaxLength(40)
  phone?: string;

  @ApiPropertyOptional({ description: 'Its mail address.', maxLength: 320, example: 'ada@example.com' })
  @IfGiven()
  @IsEmail()
  @MaxLength(320)
  email?: string;

  @ApiPropertyOptional({ description: 'Company.', maxLength: 200, example: 'Analytical Engines' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  organization?: string;

  @ApiPropertyOptional({
    description: 'A whole card of yours in place of the fields.',
    maxLength: 100_000,
    example: 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nTEL:+4915112345678\r\nEND:VCARD',
  })
  @IfGiven()
  @IsString()
  @MaxLength(100_000)
  vcard?: string;
}

export class ContactsIn {
  @ApiProperty({
    description: `One to ${maxContacts} cards; all of them arrive.`,
    type: [ContactIn],
    example: [{ name: 'Ada', phone: '+49 151 12345678' }],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxContacts)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ContactIn)
  contacts: ContactIn[];
}

export class PollIn {
  @ApiProperty({ description: 'The question.', maxLength: poll.maxQuestionLength, example: 'Where shall we eat?' })
  @IsString()
  @Length(1, poll.maxQuestionLength)
  question: string;

  @ApiProperty({
    description: `${poll.minOptions} to ${poll.maxOptions} answers that differ.`,
    type: [String],
    example: ['Pizza', 'Soup'],
  })
  @IsArray()
  @ArrayMinSize(poll.minOptions)
  @ArrayMaxSize(poll.maxOptions)
  @IsString({ each: true })
  @Length(1, poll.maxOptionLength, { each: true })
  options: string[];

  @ApiPropertyOptional({ description: 'Whether one may choose several.', default: false, example: false })
  @IfGiven()
  @IsBoolean()
  allowMultipleAnswers?: boolean;

  @ApiPropertyOptional({
    description: 'How many one may choose; 0: any number. Goes before `allowMultipleAnswers`.',
    minimum: 0,
    maximum: poll.maxOptions,
    example: 1,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(poll.maxOptions)
  selectable?: number;
}

export class EventIn {
  @ApiProperty({ description: 'What is on.', maxLength: 200, example: 'Opening' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiPropertyOptional({ description: 'More about it.', maxLength: 2048, example: 'With cake.' })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  description?: string;

  @ApiProperty({ description: 'When it begins, ISO 8601.', format: 'date-time', example: '2026-12-01T18:00:00Z' })
  @IsISO8601({ strict: true, strictSeparator: true })
  startsAt: string;

  @ApiPropertyOptional({ description: 'When it ends.', format: 'date-time', example: '2026-12-01T21:00:00Z' })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  endsAt?: string;

  @ApiPropertyOptional({ description: 'Where it is, in words.', maxLength: 1000, example: 'At the shop' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  place?: string;

  @ApiPropertyOptional({ description: 'A link to join a call.', maxLength: 2048, example: 'https://example.com/call' })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  joinLink?: string;
}

const sticker = {
  base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  mimetype: 'image/png',
};
export class GroupInviteIn {
  @ApiProperty({ description: 'The address of the group.', maxLength: 60, example: '120363041234567890@g.us' })
  @IsString()
  @Matches(/^[\d-]{5,40}@g\.us$/, { message: 'must be <id>@g.us' })
  groupJid: string;

  @ApiProperty({ description: 'What the group is called.', maxLength: 100, example: 'Bakers' })
  @IsString()
  @Length(1, 100)
  groupName: string;

  @ApiProperty({
    description: '`invitation.code` of the result with which WhatsApp refused to add the person.',
    maxLength: 64,
    example: 'AbCdEfGhIjKlMnOp',
  })
  @IsString()
  @Length(1, 64)
  code: string;

  @ApiPropertyOptional({
    description: '`invitation.expiresAt` of the same result.',
    format: 'date-time',
    example: '2026-11-24T08:30:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt?: string;

  @ApiPropertyOptional({ description: 'Words with it.', maxLength: 1024, example: 'Come and bake with us' })
  @IfGiven()
  @IsString()
  @MaxLength(1024)
  caption?: string;
}

export class StickerIn extends MediaSource(sticker) {}

const clip = { url: 'https://example.com/clips/hello.mp4', mimetype: 'video/mp4' };
export class ClipIn extends MediaSource(clip) {}
export class GifIn extends IntersectionType(ClipIn, CaptionIn) {}

export class SendLocationIn extends IntersectionType(SendIn, LocationIn) {}
export class SendLiveLocationIn extends IntersectionType(SendIn, LiveLocationIn) {}
export class SendContactIn extends IntersectionType(SendIn, ContactsIn) {}
export class SendPollIn extends IntersectionType(SendIn, PollIn) {}
export class SendGroupInviteIn extends IntersectionType(SendIn, GroupInviteIn) {}
export class SendEventIn extends IntersectionType(SendIn, EventIn) {}
export class SendStickerIn extends IntersectionType(SendIn, StickerIn) {}
export class SendGifIn extends IntersectionType(SendIn, GifIn) {}
export class SendRoundVideoIn extends IntersectionType(SendIn, ClipIn) {}

/** The cards of a request. @throws validation naming the card at fault */
export function cardsOf(contacts: ContactIn[]) {
  return contacts.map(({ name, phone, email, organization, vcard }, index) => {
    const at = `contacts.${index}`;
    if (vcard !== undefined) {
      try {
        return readCard(vcard);
      } catch (error) {
        if (!(error instanceof CardUnreadable)) throw error;
        throw errors.validation({ fields: [{ path: `${at}.vcard`, message: error.message }] });
      }
    }
    if (name === undefined || phone === undefined) {
      const path = `${at}.${name === undefined ? 'name' : 'phone'}`;
      throw errors.validation({ fields: [{ path, message: 'is needed, or a whole card as `vcard`' }] });
    }
    const to = recipientOf(phone, `${at}.phone`);
    if (to.kind !== 'user' || to.phone === null) {
      throw errors.validation({
        fields: [{ path: `${at}.phone`, message: 'must be a phone number with country code' }],
      });
    }
    return makeCard({ name, phone: to.phone, email, organization });
  });
}

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
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { errors } from '#contracts';
import { CardUnreadable, makeCard, readCard, recipientOf } from '#domain';
import { whatsAppCapabilities } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { MediaSource, SendIn } from './send.dto.js';

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

export class SendLocationIn extends IntersectionType(SendIn, PlaceIn) {
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

export class SendContactIn extends SendIn {
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

export class SendPollIn extends SendIn {
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

export class SendEventIn extends SendIn {
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
export class SendStickerIn extends IntersectionType(SendIn, MediaSource(sticker)) {}

const clip = { url: 'https://example.com/clips/hello.mp4', mimetype: 'video/mp4' };
export class SendRoundVideoIn extends IntersectionType(SendIn, MediaSource(clip)) {}

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

import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { Button } from '#contracts';
import { whatsAppCapabilities } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { MediaSource, SendIn } from './send.dto.js';

/** What phones show of one message. */
const MAX_BUTTONS = 10;
const MAX_SECTIONS = 10;
const MAX_ROWS = 10;
const MAX_TEXT = 4096;

const buttonTypes = ['reply', 'url', 'call', 'copy'] as const;

/** The field that a type of button has; of others it may be left out. */
const Of = (type: Button['type']) =>
  ValidateIf((button: ButtonIn, value) => button.type === type || value !== undefined);

export class ButtonIn {
  @ApiProperty({
    description: '`reply` comes back as a message of the type `choice`; the others do what they say on the phone.',
    enum: buttonTypes,
    example: 'reply',
  })
  @IsIn(buttonTypes)
  type: Button['type'];

  @ApiProperty({ description: 'Its words.', maxLength: 100, example: 'Yes, please' })
  @IsString()
  @Length(1, 100)
  title: string;

  @ApiPropertyOptional({
    description: 'Of `reply`: comes back as the id of the choice.',
    maxLength: 256,
    example: 'yes',
  })
  @Of('reply')
  @IsString()
  @Length(1, 256)
  id?: string;

  @ApiPropertyOptional({ description: 'Of `url`: the page.', maxLength: 2048, example: 'https://example.com' })
  @Of('url')
  @IsString()
  @Length(1, 2048)
  url?: string;

  @ApiPropertyOptional({ description: 'Of `call`: whom it calls.', maxLength: 40, example: '+628123456789' })
  @Of('call')
  @IsString()
  @Length(1, 40)
  phone?: string;

  @ApiPropertyOptional({ description: 'Of `copy`: what it copies.', maxLength: 256, example: 'WELCOME10' })
  @Of('copy')
  @IsString()
  @Length(1, 256)
  code?: string;
}

class FallbackIn {
  @ApiProperty({
    description:
      'True: send the same words as a plain text, which everybody can read; the message is of the type `text` here, too. False: send things to tap on, which WhatsApp shows on some phones and not on others.',
    example: true,
  })
  @IsBoolean()
  fallback: boolean;

  @ApiPropertyOptional({ description: 'Small words below.', maxLength: 200, example: 'While stocks last' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  footer?: string;
}

class HeadedIn extends FallbackIn {
  @ApiProperty({ description: 'The words.', maxLength: MAX_TEXT, example: 'Shall we deliver it?' })
  @IsString()
  @Length(1, MAX_TEXT)
  text: string;

  @ApiPropertyOptional({ description: 'A line above.', maxLength: 200, example: 'Your order' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  header?: string;
}

export class ButtonsIn extends HeadedIn {
  @ApiProperty({
    description: `One to ${MAX_BUTTONS} buttons.`,
    type: [ButtonIn],
    example: [{ type: 'reply', id: 'yes', title: 'Yes, please' }],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BUTTONS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ButtonIn)
  buttons: ButtonIn[];
}

export class ListRowIn {
  @ApiProperty({ description: 'Comes back as the id of the choice.', maxLength: 256, example: 'size-42' })
  @IsString()
  @Length(1, 256)
  id: string;

  @ApiProperty({ description: 'Its words.', maxLength: 100, example: 'Size 42' })
  @IsString()
  @Length(1, 100)
  title: string;

  @ApiPropertyOptional({ description: 'More about it.', maxLength: 200, example: 'In stock' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  description?: string;
}

export class ListSectionIn {
  @ApiProperty({ description: 'What is above the rows.', maxLength: 100, example: 'Sizes' })
  @IsString()
  @Length(1, 100)
  title: string;

  @ApiProperty({
    description: `One to ${MAX_ROWS} rows.`,
    type: [ListRowIn],
    example: [{ id: 'size-42', title: 'Size 42' }],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_ROWS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ListRowIn)
  rows: ListRowIn[];
}

export class ListIn extends HeadedIn {
  @ApiProperty({ description: 'The words of the button that opens the list.', maxLength: 100, example: 'Choose' })
  @IsString()
  @Length(1, 100)
  buttonTitle: string;

  @ApiProperty({
    description: `One to ${MAX_SECTIONS} sections.`,
    type: [ListSectionIn],
    example: [{ title: 'Sizes', rows: [{ id: 'size-42', title: 'Size 42' }] }],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_SECTIONS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ListSectionIn)
  sections: ListSectionIn[];
}

const picture = {
  base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  mimetype: 'image/png',
};
const cardMedia = ['image', 'video'] as const;

export class CardMediaIn extends MediaSource(picture) {
  @ApiProperty({ description: 'What it is.', enum: cardMedia, example: 'image' })
  @IsIn(cardMedia)
  type: (typeof cardMedia)[number];
}

export class CardIn {
  @ApiPropertyOptional({ description: 'A line above.', maxLength: 200, example: 'Red shoes' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  title?: string;

  @ApiProperty({ description: 'Its words.', maxLength: MAX_TEXT, example: 'All sizes' })
  @IsString()
  @Length(1, MAX_TEXT)
  text: string;

  @ApiPropertyOptional({ description: 'Small words below.', maxLength: 200, example: 'While stocks last' })
  @IfGiven()
  @IsString()
  @MaxLength(200)
  footer?: string;

  @ApiPropertyOptional({ description: 'A picture or a video above the words.', type: CardMediaIn })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => CardMediaIn)
  media?: CardMediaIn;

  @ApiProperty({
    description: `Up to ${MAX_BUTTONS} buttons.`,
    type: [ButtonIn],
    example: [{ type: 'url', title: 'Look', url: 'https://example.com' }],
  })
  @IsArray()
  @ArrayMaxSize(MAX_BUTTONS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ButtonIn)
  buttons: ButtonIn[];
}

const { maxCarouselCards } = whatsAppCapabilities.content;

export class CarouselIn extends FallbackIn {
  @ApiProperty({ description: 'The words above the cards.', maxLength: MAX_TEXT, example: 'New this week' })
  @IsString()
  @Length(1, MAX_TEXT)
  text: string;

  @ApiProperty({
    description: `One to ${maxCarouselCards} cards.`,
    type: [CardIn],
    example: [
      {
        title: 'Red shoes',
        text: 'All sizes',
        media: { type: 'image', ...picture },
        buttons: [{ type: 'reply', id: 'red', title: 'I take them' }],
      },
    ],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxCarouselCards)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => CardIn)
  cards: CardIn[];
}

export class SendButtonsIn extends IntersectionType(SendIn, ButtonsIn) {}
export class SendListIn extends IntersectionType(SendIn, ListIn) {}
export class SendCarouselIn extends IntersectionType(SendIn, CarouselIn) {}

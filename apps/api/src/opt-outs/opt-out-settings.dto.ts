import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsString, Length, ValidateIf } from 'class-validator';
import { optOutLimits } from '#contracts';
import type { OptOutPolicy } from '#domain';
import { IfGiven } from '../http/if-given.js';

const { keywords: mostWords, keywordCharacters, confirmationCharacters } = optOutLimits;
const Words = () => (target: object, name: string) => {
  IfGiven()(target, name);
  IsArray()(target, name);
  ArrayMaxSize(mostWords)(target, name);
  IsString({ each: true })(target, name);
  Length(1, keywordCharacters, { each: true })(target, name);
};
const Confirmation = () => (target: object, name: string) => {
  ValidateIf((_, value) => value !== undefined && value !== null)(target, name);
  IsString()(target, name);
  Length(1, confirmationCharacters)(target, name);
};

export class OptOutSettingsIn {
  @ApiPropertyOptional({ description: 'Whether the words are listened to.', example: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    description: 'Words with which people opt out.',
    type: [String],
    maxItems: mostWords,
    example: ['STOP', 'BERHENTI'],
  })
  @Words()
  keywords?: string[];

  @ApiPropertyOptional({
    description: 'Words with which they come back.',
    type: [String],
    maxItems: mostWords,
    example: ['START', 'MULAI'],
  })
  @Words()
  returnKeywords?: string[];

  @ApiPropertyOptional({
    description: 'What is answered to who opts out by a word; null: nothing.',
    type: String,
    nullable: true,
    minLength: 1,
    maxLength: confirmationCharacters,
    example: 'You get no more offers from us. Write START to change your mind.',
  })
  @Confirmation()
  confirmation?: string | null;

  @ApiPropertyOptional({
    description: 'What is answered to who comes back by a word; null: nothing.',
    type: String,
    nullable: true,
    minLength: 1,
    maxLength: confirmationCharacters,
    example: 'Welcome back!',
  })
  @Confirmation()
  returnConfirmation?: string | null;
}

export class OptOutSettingsOut {
  @ApiProperty({ description: 'Whether the words are listened to.', example: true })
  enabled: boolean;

  @ApiProperty({ description: 'Words with which people opt out.', type: [String], example: ['STOP', 'BERHENTI'] })
  keywords: string[];

  @ApiProperty({ description: 'Words with which they come back.', type: [String], example: ['START', 'MULAI'] })
  returnKeywords: string[];

  @ApiProperty({
    description: 'What is answered to who opts out by a word; null: nothing.',
    type: String,
    nullable: true,
    example: 'You get no more offers from us. Write START to change your mind.',
  })
  confirmation: string | null;

  @ApiProperty({
    description: 'What is answered to who comes back by a word; null: nothing.',
    type: String,
    nullable: true,
    example: 'Welcome back!',
  })
  returnConfirmation: string | null;
}

export function presentOptOutSettings({ isEnabled, ...rest }: OptOutPolicy): OptOutSettingsOut {
  return { enabled: isEnabled, ...rest };
}

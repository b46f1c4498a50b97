import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  IsTimeZone,
  IsUUID,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import {
  type ContactId,
  type ProfileId,
  type TemplateCategory,
  type TemplateContent,
  type TemplateType,
  templateCategories,
  templateTypes,
  type UploadId,
} from '#contracts';
import type { TemplateRow, TemplateVersionRow } from '#database';
import type { TemplatePreview } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
const contactId = '0198c2f4-5f6a-7b7c-8d8e-9fa0b1c2d3e4';
const longestText = 65_536;
const example = { text: 'Hi {{name | default: "there"}}!' };
const language =
  'Liquid: `{{name}}`, `{{name | default: "you"}}`, `{{at | date: "%d.%m.%Y"}}`, `{{total | money: "EUR", "de-DE"}}`, `{% if vip %}…{% endif %}`.';

export class TemplateContentIn {
  @ApiPropertyOptional({
    description: 'The words of a text message.',
    maxLength: longestText,
    example: 'Hi {{name | default: "there"}}!',
  })
  @IfGiven()
  @IsString()
  @MaxLength(longestText)
  text?: string;

  @ApiPropertyOptional({
    description: 'Address of the file of any other message.',
    maxLength: 2048,
    example: 'https://example.com/offers/{{offer}}.jpg',
  })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  url?: string;

  @ApiPropertyOptional({
    description: 'A file that was uploaded, in place of `url`. It is kept as long as the template names it.',
    format: 'uuid',
    example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  uploadId?: UploadId;

  @ApiPropertyOptional({
    description: 'Words under an image, video or document.',
    maxLength: longestText,
    example: 'For you, {{name}}',
  })
  @IfGiven()
  @IsString()
  @MaxLength(longestText)
  caption?: string;

  @ApiPropertyOptional({ description: 'Name of a document.', maxLength: 255, example: 'Invoice {{number}}.pdf' })
  @IfGiven()
  @IsString()
  @MaxLength(255)
  filename?: string;

  @ApiPropertyOptional({ description: 'Audio: as a voice message.', example: false })
  @IfGiven()
  @IsBoolean()
  ptt?: boolean;
}

export class CreateTemplateIn {
  @ApiProperty({ description: 'The profile that it belongs to.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: 'Its name, which no other template of the profile has.',
    maxLength: 100,
    example: 'Welcome',
  })
  @IsName()
  name: string;

  @ApiPropertyOptional({ description: 'What it is for.', enum: templateCategories, example: 'utility' })
  @IfGiven()
  @IsIn(templateCategories)
  category?: TemplateCategory;

  @ApiPropertyOptional({ description: 'Kind of the message.', enum: templateTypes, default: 'text', example: 'text' })
  @IfGiven()
  @IsIn(templateTypes)
  messageType: TemplateType = 'text';

  @ApiProperty({
    description: `What it says, with places for variables. ${language}`,
    type: TemplateContentIn,
    example,
  })
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => TemplateContentIn)
  content: TemplateContentIn;
}

export class UpdateTemplateIn {
  @ApiPropertyOptional({ description: 'Its name.', maxLength: 100, example: 'Welcome' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({
    description: 'What it is for; null: nothing in particular.',
    enum: templateCategories,
    nullable: true,
    example: 'utility',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsIn(templateCategories)
  category?: TemplateCategory | null;

  @ApiPropertyOptional({ description: 'Kind of the message.', enum: templateTypes, example: 'text' })
  @IfGiven()
  @IsIn(templateTypes)
  messageType?: TemplateType;

  @ApiPropertyOptional({
    description: `What it says; replaced as a whole. ${language}`,
    type: TemplateContentIn,
    example,
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => TemplateContentIn)
  content?: TemplateContentIn;
}

export class TemplatesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only those of this profile.', format: 'uuid', example: profileId })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;

  @ApiPropertyOptional({ description: 'Only those of this category.', enum: templateCategories, example: 'utility' })
  @IfGiven()
  @IsIn(templateCategories)
  category?: TemplateCategory;

  @ApiPropertyOptional({
    description: 'Only those with these words in name, text or caption.',
    maxLength: 100,
    example: 'welcome',
  })
  @IfGiven()
  @IsString()
  @MaxLength(100)
  search?: string;
}

export class PreviewTemplateIn {
  @ApiPropertyOptional({
    description: 'Values by name: texts, numbers, yes or no, lists and objects of them.',
    type: Object,
    additionalProperties: true,
    example: { name: 'Ada' },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  variables?: Record<string, unknown>;

  @ApiPropertyOptional({
    description:
      'To whom: `name`, `phone` and own fields of this contact are values as in a broadcast; `variables` go before them. Takes the permission `contacts.read`.',
    format: 'uuid',
    example: contactId,
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  contactId?: ContactId;

  @ApiPropertyOptional({ description: 'Time zone for dates. Default: UTC.', maxLength: 64, example: 'Europe/Berlin' })
  @IfGiven()
  @IsTimeZone({ message: 'must be the name of a time zone, such as Europe/Berlin' })
  @MaxLength(64)
  timeZone?: string;
}

export class DuplicateTemplateIn {
  @ApiProperty({ description: 'Name of the copy.', maxLength: 100, example: 'Welcome, second try' })
  @IsName()
  name: string;
}

export class TemplateContentOut {
  @ApiPropertyOptional({ description: 'The words of a text message.', example: 'Hi {{name | default: "there"}}!' })
  text?: string;

  @ApiPropertyOptional({ description: 'Address of the file.', example: 'https://example.com/offer.jpg' })
  url?: string;

  @ApiPropertyOptional({
    description: 'The upload that is its file.',
    format: 'uuid',
    example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e',
  })
  uploadId?: string;

  @ApiPropertyOptional({ description: 'Words under the file.', example: 'For you, {{name}}' })
  caption?: string;

  @ApiPropertyOptional({ description: 'Name of a document.', example: 'Invoice {{number}}.pdf' })
  filename?: string;

  @ApiPropertyOptional({ description: 'Audio: as a voice message.', example: false })
  ptt?: boolean;
}

export class TemplateOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90' })
  id: string;

  @ApiProperty({ description: 'The profile that it belongs to.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({ description: 'Its name.', example: 'Welcome' })
  name: string;

  @ApiProperty({ description: 'What it is for.', enum: templateCategories, nullable: true, example: 'utility' })
  category: TemplateCategory | null;

  @ApiProperty({ description: 'Kind of the message.', enum: templateTypes, example: 'text' })
  messageType: TemplateType;

  @ApiProperty({ description: 'What it says.', type: TemplateContentOut })
  content: TemplateContent;

  @ApiProperty({ description: 'Variables that it asks for.', type: [String], example: ['name'] })
  variables: string[];

  @ApiProperty({ description: 'Rises with each change of what it says.', example: 1 })
  version: number;

  @ApiProperty({ description: 'How many messages were made of it.', example: 0 })
  usageCount: number;

  @ApiProperty({
    description: 'When the last one was made. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  lastUsedAt: string | null;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  updatedAt: string;
}

export class TemplateVersionOut {
  @ApiProperty({ description: 'Its number.', example: 1 })
  version: number;

  @ApiProperty({ description: 'Kind of the message.', enum: templateTypes, example: 'text' })
  messageType: TemplateType;

  @ApiProperty({ description: 'What it said.', type: TemplateContentOut })
  content: TemplateContent;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  createdAt: string;
}

export class TemplatePreviewOut {
  @ApiProperty({ description: 'Name of the template.', example: 'Welcome' })
  template: string;

  @ApiProperty({ description: 'What is written.', type: TemplateContentOut })
  original: TemplateContent;

  @ApiProperty({
    description: 'What it would say. Places without a value stay as they are written.',
    type: TemplateContentOut,
  })
  rendered: TemplateContent;

  @ApiProperty({ description: 'Variables that it asks for.', type: [String], example: ['name'] })
  variables: string[];

  @ApiProperty({
    description: 'Those that need a value and have none: it could not be sent so.',
    type: [String],
    example: [],
  })
  missing: string[];
}

export class DeletedTemplateOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentTemplate(row: TemplateRow): TemplateOut {
  const { id, profileId, name, category, messageType, content, variables, version, usageCount } = row;
  return {
    id,
    profileId,
    name,
    category,
    messageType,
    content,
    variables,
    version,
    usageCount,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const presentTemplateVersion = ({ createdAt, ...row }: TemplateVersionRow): TemplateVersionOut => ({
  ...row,
  createdAt: createdAt.toISOString(),
});

export const presentPreview = ({ template, rendered, missing }: TemplatePreview): TemplatePreviewOut => ({
  template: template.name,
  original: template.content,
  rendered,
  variables: template.variables,
  missing,
});

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { errors, parseContactFilter, type UploadId } from '#contracts';
import { type AudienceFileGiven, type AudienceGiven, variableName } from '#domain';
import { IsCountry } from '../contacts/is-contact-input.js';
import { IfGiven } from '../http/if-given.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Most values that one request names; more come as a file. */
const MOST_VALUES = 10_000;
const MOST_COLUMNS = 200;

const IsColumns = () =>
  ValidateBy({
    name: 'isColumns',
    validator: {
      validate: (value) => problemOfColumns(value) === null,
      defaultMessage: (context) => problemOfColumns(context?.value) ?? 'is not valid',
    },
  });

function problemOfColumns(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > MOST_COLUMNS) return `must name at most ${MOST_COLUMNS} columns`;
  const isName = (takenAs: unknown) => typeof takenAs === 'string' && variableName.test(takenAs);
  if (entries.some(([title, takenAs]) => title.length > 200 || !isName(takenAs))) {
    return 'must hold phone, opted_out, ignore or names of variables, of letters, digits and underscores';
  }
  const names = entries.map(([, takenAs]) => takenAs).filter((takenAs) => takenAs !== 'ignore');
  return new Set(names).size < names.length ? 'must not take two columns for one thing' : null;
}

const audienceTypes = [
  'all',
  'tags',
  'segments',
  'filter',
  'contacts',
  'groups',
  'members',
  'numbers',
  'people',
  'file',
] as const;

class AudienceFileIn {
  @ApiProperty({
    description:
      'The file: CSV in any usual encoding and with any usual delimiter, an Excel workbook (.xlsx) or vCards, uploaded as a document (`POST /uploads/media`), with up to a million lines.',
    format: 'uuid',
    example: '0198c2f5-7a8b-7c9d-8e0f-1a2b3c4d5e6f',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  uploadId: UploadId;

  @ApiPropertyOptional({
    description:
      'What columns are taken for, by their title or their number from 1: `phone`, `opted_out` (whoever has yes there is left out), `ignore`, or the name of a variable for the text. Usual titles of phone numbers are known without it; every other column is a variable by its title in small letters: `First name` is `{{first_name}}`.',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'Mobile no.': 'phone', Voucher: 'code' },
  })
  @IfGiven()
  @IsColumns()
  columns?: Record<string, string>;

  @ApiPropertyOptional({
    description:
      'Country of numbers without plus, by its code of two letters; they are read as an import of contacts reads them. Without it all have a country code, and lines with 0812… are left out.',
    pattern: '^[A-Za-z]{2}$',
    example: 'ID',
  })
  @IfGiven()
  @IsCountry()
  defaultCountry?: string;

  @ApiPropertyOptional({
    description: 'Its text encoding, if it is known better than it shows.',
    maxLength: 40,
    example: 'windows-1252',
  })
  @IfGiven()
  @IsString()
  @Length(1, 40)
  encoding?: string;

  @ApiPropertyOptional({
    description: 'What is between two cells, if it is known better than it shows.',
    maxLength: 1,
    example: ';',
  })
  @IfGiven()
  @IsString()
  @Length(1, 1)
  delimiter?: string;

  @ApiPropertyOptional({
    description: 'Whether the first line has titles. Default: looking at it decides.',
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  hasTitles?: boolean;
}

export class AudienceIn {
  @ApiProperty({
    description:
      '`all` contacts of the profile; contacts by `tags`, `segments` (ids), a `filter` or as `contacts` (ids); `groups` (ids; the message goes into the group); `members` (ids of groups that a sending number is in; each member gets the message); `numbers`; `people` (numbers with variables of their own); the lines of an uploaded `file`.',
    enum: audienceTypes,
    example: 'tags',
  })
  @IsIn(audienceTypes)
  type: (typeof audienceTypes)[number];

  @ApiPropertyOptional({
    description:
      'The tags, ids or numbers; of `people` a list of `{to, variables}`; of `all`, `filter` and `file` nothing. What is no id among `contacts` is taken as a number.',
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }] },
    example: ['customers'],
  })
  @IfGiven()
  @IsArray({ message: 'must be a list' })
  value?: unknown[];

  @ApiPropertyOptional({
    description: 'Of type `filter`: a filter over contacts.',
    type: Object,
    additionalProperties: true,
    example: { field: 'tags', op: 'any', value: ['vip'] },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  filter?: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'Of type `file`: which file, and how it is read.', type: AudienceFileIn })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => AudienceFileIn)
  file?: AudienceFileIn;
}

export class RecipientsIn extends AudienceIn {
  @ApiPropertyOptional({
    description: 'More recipients; everybody gets the broadcast once.',
    type: [AudienceIn],
    example: [{ type: 'numbers', value: ['+49 151 12345678'] }],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => AudienceIn)
  more?: AudienceIn[];
}

/** @throws validation */
export function toAudience({ more = [], ...first }: RecipientsIn): AudienceGiven[] {
  return [...partsOf(first, 'recipients'), ...more.flatMap((part, index) => partsOf(part, `recipients.more.${index}`))];
}

function partsOf({ type, value, filter, file }: AudienceIn, path: string): AudienceGiven[] {
  const at = `${path}.value`;
  switch (type) {
    case 'all':
      return [{ type }];
    case 'filter':
      return [{ type, value: parseContactFilter(filter, `${path}.filter`) }];
    case 'file':
      return [{ type, given: fileOf(file, `${path}.file`) }];
    case 'people':
      return [{ type, value: peopleOf(value, at) }];
    case 'contacts': {
      const values = textsOf(value, at);
      const ids = values.filter((one) => UUID.test(one));
      const numbers = values.filter((one) => !UUID.test(one));
      return [
        ...(ids.length > 0 ? [{ type, value: ids }] : []),
        ...(numbers.length > 0 ? [{ type: 'numbers' as const, value: numbers }] : []),
      ];
    }
    case 'segments':
    case 'members':
    case 'groups': {
      const values = textsOf(value, at);
      const wrong = values.findIndex((one) => !UUID.test(one));
      if (wrong !== -1) throw errors.validation({ fields: [{ path: `${at}.${wrong}`, message: 'must be a UUID' }] });
      return [{ type, value: values }];
    }
    default:
      return [{ type, value: textsOf(value, at) }];
  }
}

function fileOf(file: AudienceFileIn | undefined, path: string): AudienceFileGiven {
  if (!file) throw errors.validation({ fields: [{ path, message: 'must be an object with the uploadId of a file' }] });
  const { uploadId, columns = {}, defaultCountry = null, encoding = null, delimiter = null, hasTitles = null } = file;
  return { uploadId, columns, defaultCountry, encoding, delimiter, hasTitles, path };
}

function textsOf(value: unknown, path: string): string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MOST_VALUES;
  if (!isList || value.some((one) => typeof one !== 'string' || one.length === 0 || one.length > 200)) {
    throw errors.validation({ fields: [{ path, message: `must be a list of 1 to ${MOST_VALUES} texts` }] });
  }
  return value;
}

function peopleOf(value: unknown, path: string) {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MOST_VALUES;
  if (!isList) {
    throw errors.validation({ fields: [{ path, message: `must be a list of 1 to ${MOST_VALUES} recipients` }] });
  }
  return value.map((one: unknown, index) => {
    const { to, variables } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    const isObject = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
    if (typeof to !== 'string' || to.length === 0 || to.length > 200 || (variables !== undefined && !isObject)) {
      const message = 'must be {"to": a number, "variables": an object}';
      throw errors.validation({ fields: [{ path: `${path}.${index}`, message }] });
    }
    return { to, ...(isObject ? { variables: variables as Record<string, unknown> } : {}) };
  });
}

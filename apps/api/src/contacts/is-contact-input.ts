import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsString, Matches, MaxLength, MinLength, ValidateBy } from 'class-validator';
import { tagLimits } from '#contracts';

/** Tags, as a list. */
export const IsTags = () =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(tagLimits.tags),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(tagLimits.characters, { each: true }),
  );

/** A country as two letters, of either case. */
export const IsCountry = () =>
  applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? value.toUpperCase() : value)),
    Matches(/^[A-Z]{2}$/, { message: 'must be a country code of two letters, such as DE' }),
  );

/** A JSON object of custom fields; what is in it is checked by the domain. */
export const IsMetadata = () =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      defaultMessage: () => 'must be an object',
    },
  });

import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsString, MaxLength, MinLength, ValidateBy } from 'class-validator';
import { tagLimits } from '#contracts';
import { isCountry } from '#domain';

/** Tags, as a list. */
export const IsTags = () =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(tagLimits.tags),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(tagLimits.characters, { each: true }),
  );

/** A country whose numbers we can read, by its code of two letters of either case. */
export const IsCountry = () =>
  applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? value.toUpperCase() : value)),
    ValidateBy({
      name: 'isCountry',
      validator: {
        validate: (value) => typeof value === 'string' && isCountry(value),
        defaultMessage: () => 'must be a country code of two letters, such as ID',
      },
    }),
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

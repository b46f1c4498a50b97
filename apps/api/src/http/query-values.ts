import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';
import { IfGiven } from './if-given.js';

/** Several values in a query: `?a=1&a=2` and `?a=1,2` alike. */
export const List = () =>
  Transform(({ value }) =>
    value === undefined ? value : [value].flat().flatMap((each: unknown) => String(each).split(',')),
  );

/** `true` or `false` in a query. */
export const YesOrNo = () =>
  applyDecorators(
    IfGiven(),
    Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  );

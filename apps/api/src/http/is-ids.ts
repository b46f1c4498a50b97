import { applyDecorators } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsUUID } from 'class-validator';

/** A list of ids. @param most how many there may be */
export const IsIds = (most: number) =>
  applyDecorators(IsArray(), ArrayMaxSize(most), IsUUID(undefined, { each: true, message: 'must be UUIDs' }));

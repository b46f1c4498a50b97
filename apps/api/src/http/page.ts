import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { errors } from '#contracts';
import { Page } from './answer.js';
import { IfGiven } from './if-given.js';

/**
 * Lists, the same everywhere: a list has one order, told in its description, that ends in the id, so that no two items are
 * equal in it and none is left out or shown twice between pages; filters are query parameters that all have to fit; pages
 * come by cursor, and by offset too where the older product's clients ask so.
 */

/** Most items of one page. */
export const MAX_PAGE = 200;

/** Query of every list: `@Query() query: PageQuery`, or extend it with filters. */
export class PageQuery {
  @ApiPropertyOptional({
    description: 'Most items of the page.',
    minimum: 1,
    maximum: MAX_PAGE,
    default: 50,
    example: 50,
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  limit: number = 50;

  @ApiPropertyOptional({
    description: '`meta.nextCursor` of the page before. Absent: the first page.',
    example: 'WyIwMTk4YzJmMC03YjFhLTdjM2UtOWQ0ZS01ZjZhN2I4YzlkMGUiXQ',
  })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}

/** Furthest that a list can be read by offset; beyond it use the cursor. */
const MAX_OFFSET = 1_000_000;

/** Pages by cursor, or by offset as the older product does. */
export class OffsetPageQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Skips so many items. For clients of the older product; a cursor stays right while items come in.',
    minimum: 0,
    maximum: MAX_OFFSET,
    default: 0,
    example: 0,
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_OFFSET)
  offset: number = 0;
}

/** A cursor is the sort values of the last item, so that it stays right while items come and go. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/**
 * The sort values in a cursor, or undefined for the first page.
 * @param check one pattern for each value: what came from a client never reaches SQL in another form.
 * @throws invalidCursor
 */
export function decodeCursor(cursor: string | undefined, check: readonly RegExp[]): string[] | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.length === check.length && values.every((v, i) => check[i]!.test(String(v)))) {
      return values.map(String);
    }
  } catch {}
  throw errors.invalidCursor();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id in the cursor of a list that is sorted by id alone. */
export function decodeIdCursor<T extends string>(cursor: string | undefined): T | undefined {
  return decodeCursor(cursor, [UUID])?.[0] as T | undefined;
}

/**
 * Makes a page of rows. Ask the database for `limit + 1` rows: the one too many says that there is a next page.
 * @param cursorOf the sort values of a row, as `decodeCursor` gives them back
 */
export function toPage<Row, Out>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => readonly string[],
  present: (row: Row) => Out,
): Page<Out> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(cursorOf(last)) : null;
  return new Page(shown.map(present), { limit, nextCursor });
}

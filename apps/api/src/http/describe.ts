import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOperation } from '@nestjs/swagger';
import type { ErrorName } from '#contracts';

/** What the document says of an operation, besides what its DTO classes say. */
export interface Description {
  /** One line, imperative: `Send a text message`. */
  summary: string;
  /** What it does and promises, in Markdown. */
  description: string;
  /** Class of `data` in the envelope; `[Class]` for an array or a page; null when `data` is null; 'file' for bytes. */
  returns: Type | [Type] | null | 'file';
  /** A query parameter makes the answer a file of this media type instead. */
  orFile?: string;
  /** The list is a page: `meta` has `limit` and `nextCursor`. */
  page?: boolean;
  /** Success status; several when the handler chooses by `answer(…)`. Default: 200, and 201 for POST. */
  status?: number | number[];
  /** What it can answer besides what every route can (see openapi/route-errors.ts). */
  errors?: ErrorName[];
  /** Example of `data`. Default: made of the examples of the class's properties. */
  example?: unknown;
}

const DESCRIPTION = Symbol('description');

/** Describes an operation for the document and for people; a route without it does not pass the route tests. */
export function Describe(summary: string, given: Omit<Description, 'summary'>) {
  const description: Description = { summary, ...given };
  const first = Array.isArray(given.status) ? given.status[0] : given.status;
  const model = Array.isArray(given.returns) ? given.returns[0] : given.returns;
  return applyDecorators(
    SetMetadata(DESCRIPTION, description),
    ApiOperation({ summary, description: given.description }),
    ...(typeof model === 'function' ? [ApiExtraModels(model)] : []),
    ...(first === undefined ? [] : [HttpCode(first)]),
  );
}

export function descriptionOf(handler: object): Description | undefined {
  return Reflect.getMetadata(DESCRIPTION, handler);
}

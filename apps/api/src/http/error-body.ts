import { HttpException } from '@nestjs/common';
import { CatalogueError, errors, type FieldError } from '#contracts';
import { isGoneReference, isTransient } from '#database';
import type { Meta } from './answer.js';

export interface ErrorBody {
  success: false;
  error: { code: string; message: string; fields?: FieldError[]; details?: Record<string, unknown> };
  meta: Meta;
}

/** An error in the envelope of v1. */
export function toErrorBody(error: CatalogueError, requestId: string): ErrorBody {
  const { code, message, fields, details } = error;
  return {
    success: false,
    error: { code, message, ...(fields && { fields }), ...(details && { details }) },
    meta: { timestamp: new Date().toISOString(), requestId },
  };
}

/** Seconds until a repeat may succeed after the database was away or busy. */
const DATABASE_RETRY_SECONDS = 2;

/** Whatever was thrown, as an error of the catalogue. What is not known there is `INTERNAL_ERROR` with its cause. */
export function toCatalogueError(thrown: unknown): CatalogueError {
  if (thrown instanceof CatalogueError) return thrown;
  if (isTransient(thrown)) return errors.overloaded({ retryAfterSeconds: DATABASE_RETRY_SECONDS, cause: thrown });
  if (isGoneReference(thrown)) {
    const message = 'Something that the request names was deleted meanwhile.';
    return errors.notFound({ message, cause: thrown });
  }
  // Nest wraps what Express throws; what Express itself said is more exact.
  const original = thrown instanceof HttpException && thrown.cause instanceof Error ? thrown.cause : thrown;
  return bodyError(original) ?? frameworkError(original) ?? textError(original) ?? errors.internal({ cause: thrown });
}

/** What Express' body reader throws, by its `type`; what unpacking throws has only the code of zlib. */
function bodyError(thrown: unknown): CatalogueError | undefined {
  const { type, limit, code } = thrown as { type?: string; limit?: number; code?: string };
  if (/^(Z|ERR__ERROR)_/.test(String(code))) {
    return errors.malformedJson({ message: 'The body cannot be unpacked as its Content-Encoding says.' });
  }
  switch (type) {
    case 'entity.too.large':
      return errors.bodyTooLarge({ details: { limitBytes: limit } });
    case 'entity.parse.failed':
    case 'request.size.invalid':
    case 'stream.encoding.set':
      return errors.malformedJson();
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return errors.unsupportedMediaType();
    case 'request.aborted':
      return errors.malformedJson({ message: 'The body ended before its announced length.' });
    default:
      return undefined;
  }
}

/** What Nest and Express themselves throw: an unknown route, a path that cannot be decoded. */
function frameworkError(thrown: unknown): CatalogueError | undefined {
  if (thrown instanceof HttpException && thrown.getStatus() === 404) return errors.routeNotFound();
  if (thrown instanceof URIError) return errors.routeNotFound();
  return undefined;
}

/** PostgreSQL refuses NUL in text; bodies are checked before, so it came from a path or query. */
function textError(thrown: unknown): CatalogueError | undefined {
  if ((thrown as { code?: string }).code !== '22021') return undefined;
  return errors.validation({ message: 'The path or query contains a character that cannot be stored.' });
}

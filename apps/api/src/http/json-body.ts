import { createHash } from 'node:crypto';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { errors } from '#contracts';
import type { ApiRequest } from './request.js';
import { isStreamed } from './streamed-body.js';

/** Deepest nesting of a body. Nothing in the API needs more than eight; deeper trees only serve to exhaust the stack. */
const MAX_DEPTH = 32;
/** Most fields of one object. What checks them takes the square of their number. */
const MAX_FIELDS = 1_000;
/** Most values in a body, at all levels. A bulk request of the largest size has about half of them. */
const MAX_VALUES = 50_000;

/**
 * Reads JSON bodies: limited in size and depth, nothing but JSON, and no way to a prototype. Forms with a file pass
 * unread where a route takes them; it reads them itself, once it is known who sends (sent-file.ts). Files that are streamed
 * (streamed-body.ts) pass by.
 */
export function jsonBody(limitBytes: number, takesForm: (request: Request) => boolean): RequestHandler[] {
  const parse = express.json({
    limit: limitBytes,
    type: isJson,
    strict: true,
    verify(request, _response, bytes) {
      if (request.headers['idempotency-key'] !== undefined) {
        (request as unknown as ApiRequest).bodyHash = createHash('sha256').update(bytes).digest('hex');
      }
    },
  });
  // What has no body has no media type either, whatever its headers say; and GET has none.
  const parseBody: RequestHandler = (request, response, next) =>
    hasBody(request) && request.method !== 'GET' ? parse(request, response, next) : next();
  const jsonOnly =
    (handler: RequestHandler): RequestHandler =>
    (request, response, next) =>
      isForm(request) && takesForm(request) ? next() : handler(request, response, next);
  const reading = [refuseOtherTypes, refuseTooLarge(limitBytes), parseBody].map(jsonOnly);
  return [...reading, harmlessQuery, harmless];
}

/** Whether the body is a form that may have files in it. */
export function isForm(request: Request): boolean {
  return /^multipart\/form-data\s*;/i.test(request.headers['content-type'] ?? '');
}

function isJson(request: { headers: Record<string, unknown> }): boolean {
  const type = String(request.headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  return type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function refuseOtherTypes(request: Request, _response: Response, next: NextFunction): void {
  const isWrong = hasBody(request) && request.method !== 'GET' && !isJson(request) && !isStreamed(request);
  next(isWrong ? errors.unsupportedMediaType() : undefined);
}

/** A body that says itself that it is too large gets its answer before it has been sent. */
function refuseTooLarge(limitBytes: number): RequestHandler {
  return (request, _response, next) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    next(announced > limitBytes && !isStreamed(request) ? errors.bodyTooLarge({ details: { limitBytes } }) : undefined);
  };
}

/** PostgreSQL cannot store NUL; whoever asks with one is told in which parameter. */
function harmlessQuery(request: Request, _response: Response, next: NextFunction): void {
  const path = Object.keys(request.query).find(
    (name) => name.includes('\0') || [request.query[name]].flat().some(isUnusable),
  );
  const message = 'must be Unicode text without NUL';
  next(path === undefined ? undefined : errors.validation({ fields: [{ path: path.replaceAll('\0', ''), message }] }));
}

function harmless(request: Request, _response: Response, next: NextFunction): void {
  next(isObject(request.body) ? problemOf(request.body) : undefined);
}

/** What is wrong with a body whatever route it is for; undefined when nothing is. It drops ways to a prototype. */
export function problemOf(body: object): Error | undefined {
  if (Array.isArray(body)) return errors.validation({ message: 'The body must be a JSON object, not a list.' });
  const found = disarm(body);
  if (found === 'too many') {
    const message = `The body has more than ${MAX_VALUES} values, or an object with more than ${MAX_FIELDS} fields.`;
    return errors.validation({ message });
  }
  if (found === 'too deep') {
    return errors.malformedJson({ message: `The body is nested deeper than ${MAX_DEPTH} levels.` });
  }
  if (found === 'unusable text') {
    const path = pathToUnusable(body) ?? '';
    return errors.validation({ fields: [{ path, message: 'must be Unicode text without NUL and lone surrogates' }] });
  }
  return undefined;
}

/** Walks a parsed body without recursion, drops keys that could reach a prototype and says what else is wrong. */
function disarm(body: object): 'too deep' | 'too many' | 'unusable text' | undefined {
  let level = [body];
  let values = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return 'too deep';
    const deeper: object[] = [];
    for (const node of level) {
      if (Object.hasOwn(node, '__proto__')) Reflect.deleteProperty(node, '__proto__');
      const entries = Object.entries(node);
      values += entries.length;
      if (values > MAX_VALUES || (entries.length > MAX_FIELDS && !Array.isArray(node))) return 'too many';
      for (const [key, value] of entries) {
        if (isUnusable(key) || isUnusable(value)) return 'unusable text';
        if (isObject(value)) deeper.push(value);
      }
    }
    level = deeper;
  }
  return undefined;
}

/** JSON can write what PostgreSQL cannot store: NUL, and halves of characters. */
function isUnusable(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\0') || !isWellFormed(value));
}

function pathToUnusable(node: object, depth = 1): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  for (const [key, value] of Object.entries(node)) {
    if (isUnusable(key)) return '';
    if (isUnusable(value)) return key;
    const below = isObject(value) ? pathToUnusable(value, depth + 1) : undefined;
    if (below !== undefined) return below === '' ? key : `${key}.${below}`;
  }
  return undefined;
}

/** ES2024; in Node 20, not yet in the compiler's library. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { errors, type FieldError } from '#contracts';
import { ParsedText, TemplateSyntaxError, TemplateTooCostly } from '../templates/template-language.js';
import type { HookContent } from './hook-content.js';

/**
 * A value that is made of a request: texts are templates (`{{body.customer.name}}`), `{"path": "/body/items"}` takes what
 * stands there as it is (JSON Pointer, RFC 6901), numbers, yes or no and null are themselves; lists and objects hold such
 * values.
 */
export type HookValue = string | number | boolean | null | HookValue[] | { [name: string]: HookValue };

/** Longest text of a mapping, characters. */
const MAX_TEXT = 65_536;
const MAX_DEPTH = 8;
/** What filling in all texts for one request may take, milliseconds. */
const MAX_RENDER_MS = 1000;
const pointer = /^(\/([^~/]|~[01])*)*$/;

/** Says of each text and path in it what is wrong, by its place. */
export function problemsOf(value: unknown, path: string, depth = 0): FieldError[] {
  if (depth > MAX_DEPTH) return [{ path, message: `must not be nested deeper than ${MAX_DEPTH} levels` }];
  if (typeof value === 'string') return problemsOfText(value, path);
  if (typeof value !== 'object' || value === null) return [];
  if (isPath(value)) return problemsOfPointer(value.path, `${path}.path`);
  return Object.entries(value).flatMap(([name, inner]) => problemsOf(inner, `${path}.${name}`, depth + 1));
}

/** @param path the field that it came from */
export function problemsOfPointer(given: unknown, path: string): FieldError[] {
  const isRight = typeof given === 'string' && given.length <= 500 && pointer.test(given);
  if (isRight && /^\/(body|headers|query)(\/|$)/.test(given)) return [];
  return [{ path, message: 'must be a JSON Pointer that begins with /body, /headers or /query' }];
}

function problemsOfText(text: string, path: string): FieldError[] {
  if (text.length > MAX_TEXT) return [{ path, message: `must be at most ${MAX_TEXT} characters` }];
  try {
    ParsedText.read(text);
    return [];
  } catch (error) {
    if (error instanceof TemplateTooCostly) return [{ path, message: 'takes too much work to read' }];
    if (!(error instanceof TemplateSyntaxError)) throw error;
    return [{ path, message: `cannot be read at line ${error.line}, column ${error.column}: ${error.message}` }];
  }
}

/** What stands at a pointer; undefined when there is nothing. Own properties only. */
export function valueAt(content: HookContent, given: string): unknown {
  const names = given
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    content,
  );
}

/** Makes values of one request. What it takes in all is limited. */
export class HookValues {
  private spentMs = 0;

  constructor(private readonly content: HookContent) {}

  /** @throws hookMappingFailed at the path */
  of(value: HookValue, path: string): unknown {
    if (typeof value === 'string') return this.text(value, path);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((inner, index) => this.of(inner, `${path}.${index}`));
    if (isPath(value)) {
      const found = valueAt(this.content, value.path as string);
      return found === undefined ? (value.default ?? null) : found;
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, this.of(inner, `${path}.${name}`)] as const),
    );
  }

  private text(source: string, path: string): string {
    if (!source.includes('{')) return source;
    const startedAt = performance.now();
    try {
      if (this.spentMs > MAX_RENDER_MS) throw new TemplateTooCostly('all texts together');
      return ParsedText.read(source).render({ ...this.content });
    } catch (error) {
      if (!(error instanceof TemplateTooCostly) && !(error instanceof TemplateSyntaxError)) throw error;
      const message = error instanceof TemplateTooCostly ? 'takes too much work to fill in' : error.message;
      throw errors.hookMappingFailed({ fields: [{ path, message }] });
    } finally {
      this.spentMs += performance.now() - startedAt;
    }
  }
}

function isPath(value: object): value is { path: string; default?: HookValue } {
  return !Array.isArray(value) && Object.hasOwn(value, 'path');
}

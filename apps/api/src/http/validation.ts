import { ValidationPipe } from '@nestjs/common';
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError, type ValidatorOptions, validateSync } from 'class-validator';
import { errors, type FieldError } from '#contracts';

/** Nobody reads more, and a list of tens of thousands of wrong things must not be answered by as many sentences. */
const MAX_TOLD = 100;

const strict = { whitelist: true, forbidUnknownValues: true } satisfies ValidatorOptions;

/** What a value has to be says more than how long or large it may be: of several complaints these come first. */
const kinds = ['isArray', 'isObject', 'isString', 'isInt', 'isNumber', 'isBoolean'];

/**
 * Turns bodies and queries into their DTO classes. No implicit conversion (it makes `true` of the query `false`);
 * unknown fields are dropped, because clients of the older product send more than ours knows.
 */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    ...strict,
    exceptionFactory: (problems) =>
      errors.validation({ fields: problems.flatMap((problem) => fieldErrors(problem)).slice(0, MAX_TOLD) }),
  });
}

/**
 * The same for a field whose class depends on another field.
 * @throws validation, with the paths of what is wrong below the field
 */
export function checked<Body extends object>(body: ClassConstructor<Body>, value: object, path: string): Body {
  const instance = plainToInstance(body, value);
  const problems = validateSync(instance, strict);
  if (problems.length === 0) return instance;
  throw errors.validation({
    fields: problems.flatMap((problem) => fieldErrors(problem, path)).slice(0, MAX_TOLD),
  });
}

function fieldErrors(problem: ValidationError, parent = ''): FieldError[] {
  const path = parent === '' ? problem.property : `${parent}.${problem.property}`;
  const message = foremost(problem.constraints ?? {});
  // Of something that is no list or object, nothing in it is told.
  if (message !== undefined) return [{ path, message: withoutName(message, problem.property) }];
  return (problem.children ?? []).flatMap((child) => fieldErrors(child, path));
}

/** One complaint for each field. */
function foremost(constraints: Record<string, string>): string | undefined {
  const kind = kinds.find((name) => constraints[name] !== undefined);
  return kind === undefined ? Object.values(constraints)[0] : constraints[kind];
}

/** `limit must be an integer` → `must be an integer`: the path says which field. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

import { ValidationPipe } from '@nestjs/common';
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError, type ValidatorOptions, validateSync } from 'class-validator';
import { errors, type FieldError } from '#contracts';

/** Nobody reads more, and a list of tens of thousands of wrong things must not be answered by as many sentences. */
const MAX_TOLD = 100;

const strict = { whitelist: true, forbidUnknownValues: true, stopAtFirstError: true } satisfies ValidatorOptions;

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
  const own = Object.values(problem.constraints ?? {}).map((message) => ({
    path,
    message: withoutName(message, problem.property),
  }));
  return [...own, ...(problem.children ?? []).flatMap((child) => fieldErrors(child, path))];
}

/** `limit must be an integer` → `must be an integer`: the path says which field. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

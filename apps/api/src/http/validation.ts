import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { errors, type FieldError } from '#contracts';

/** Nobody reads more, and a list of tens of thousands of wrong things must not be answered by as many sentences. */
const MAX_TOLD = 100;

/**
 * Turns bodies and queries into their DTO classes. No implicit conversion (it makes `true` of the query `false`);
 * unknown fields are dropped, because clients of the older product send more than ours knows.
 */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (problems) =>
      errors.validation({ fields: problems.flatMap((problem) => fieldErrors(problem)).slice(0, MAX_TOLD) }),
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

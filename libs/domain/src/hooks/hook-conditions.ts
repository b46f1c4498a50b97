import type { FieldError } from '#contracts';
import type { HookContent } from './hook-content.js';
import { problemsOfPointer, valueAt } from './hook-values.js';

export const conditionOperators = [
  'exists',
  'not_exists',
  'equals',
  'not_equals',
  'in',
  'contains',
  'starts_with',
  'ends_with',
  'greater_than',
  'less_than',
] as const;
export type ConditionOperator = (typeof conditionOperators)[number];

/** Something that has to hold of a request. Texts are compared as they are written; numbers also when sent as text. */
export interface HookCondition {
  /** JSON Pointer: `/body/action`, `/headers/x-github-event`. */
  path: string;
  operator: ConditionOperator;
  /** What it is compared with; of `in` a list. Not for `exists` and `not_exists`. */
  value?: unknown;
}

type Scalar = string | number | boolean | null;

export function problemsOfCondition(condition: unknown, path: string): FieldError[] {
  if (typeof condition !== 'object' || condition === null) return [{ path, message: 'must be a condition' }];
  const { path: pointer, operator, value } = condition as Record<string, unknown>;
  const problems = problemsOfPointer(pointer, `${path}.path`);
  if (!conditionOperators.includes(operator as never)) {
    return [...problems, { path: `${path}.operator`, message: `must be one of ${conditionOperators.join(', ')}` }];
  }
  const problem = problemOfValue(operator as ConditionOperator, value);
  return problem ? [...problems, { path: `${path}.value`, message: problem }] : problems;
}

function problemOfValue(operator: ConditionOperator, value: unknown): string | null {
  switch (operator) {
    case 'exists':
    case 'not_exists':
      return null;
    case 'in': {
      const isList = Array.isArray(value) && value.length > 0 && value.length <= 100 && value.every(isScalar);
      return isList ? null : 'must be a list of 1 to 100 texts or numbers';
    }
    case 'greater_than':
    case 'less_than':
      return typeof value === 'number' ? null : 'must be a number';
    default:
      return isScalar(value) ? null : 'must be a text, a number, yes or no, or null';
  }
}

/** Nothing equals what is not there; `not_equals` holds then. Lists contain an element, texts a part. */
export function holds({ path, operator, value }: HookCondition, content: HookContent): boolean {
  const found = valueAt(content, path);
  switch (operator) {
    case 'exists':
      return found !== undefined && found !== null;
    case 'not_exists':
      return found === undefined || found === null;
    case 'equals':
      return isEqual(found, value as Scalar);
    case 'not_equals':
      return !isEqual(found, value as Scalar);
    case 'in':
      return (value as Scalar[]).some((one) => isEqual(found, one));
    case 'contains':
      return Array.isArray(found)
        ? found.some((one) => isEqual(one, value as Scalar))
        : typeof found === 'string' && found.includes(String(value));
    case 'starts_with':
      return typeof found === 'string' && found.startsWith(String(value));
    case 'ends_with':
      return typeof found === 'string' && found.endsWith(String(value));
    case 'greater_than':
      return numberOf(found) > (value as number);
    case 'less_than':
      return numberOf(found) < (value as number);
  }
}

function isEqual(found: unknown, value: Scalar): boolean {
  if (found === undefined) return false;
  if (typeof value === 'number') return numberOf(found) === value;
  return found === value || (typeof found === 'string' && typeof value === 'boolean' && found === String(value));
}

/** Forms and many senders write numbers as text. */
function numberOf(found: unknown): number {
  if (typeof found === 'number') return found;
  return typeof found === 'string' && found.trim() !== '' ? Number(found) : Number.NaN;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

import { ValidateBy } from 'class-validator';
import { MAX_VARIABLE_NAME_LENGTH } from '#domain';

const MAX_VARIABLES = 50;
const MAX_VALUE_LENGTH = 4096;

/** A plain object of few texts, numbers and booleans. */
export const IsVariables = () =>
  ValidateBy({
    name: 'isVariables',
    validator: {
      validate: (value) => problemOf(value) === null,
      defaultMessage: (context) => problemOf(context?.value) ?? 'is not valid',
    },
  });

function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > MAX_VARIABLES) return `must have at most ${MAX_VARIABLES} names`;
  for (const [name, content] of entries) {
    if (name.length > MAX_VARIABLE_NAME_LENGTH)
      return `must have names of at most ${MAX_VARIABLE_NAME_LENGTH} characters`;
    if (!['string', 'number', 'boolean'].includes(typeof content)) return 'must hold only texts, numbers and booleans';
    if (String(content).length > MAX_VALUE_LENGTH) return `must hold values of at most ${MAX_VALUE_LENGTH} characters`;
  }
  return null;
}

import { ValidateBy } from 'class-validator';
import { importLimits } from '#contracts';
import { isTarget } from '#domain';

const MOST_COLUMNS = 200;
const MOST_TITLE_CHARACTERS = 200;

/** What columns are taken for, by their title or number. */
export const IsMapping = () => checkedBy('isMapping', problemOfMapping);

/** A plain object of few texts, numbers and booleans. */
export const IsFields = () => checkedBy('isFields', problemOfFields);

function checkedBy(name: string, problem: (value: unknown) => string | null) {
  return ValidateBy({
    name,
    validator: {
      validate: (value) => problem(value) === null,
      defaultMessage: (context) => problem(context?.value) ?? 'is not valid',
    },
  });
}

function problemOfMapping(value: unknown): string | null {
  if (!isObject(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > MOST_COLUMNS) return `must name at most ${MOST_COLUMNS} columns`;
  for (const [title, target] of entries) {
    if (title.length > MOST_TITLE_CHARACTERS) return `must have titles of at most ${MOST_TITLE_CHARACTERS} characters`;
    if (isTarget(target)) continue;
    return 'must hold phone, name, first_name, last_name, tags, opted_out, ignore or custom.<key>';
  }
  const targets = entries.map(([, target]) => target).filter((target) => target !== 'ignore');
  return new Set(targets).size < targets.length ? 'must not take two columns for one thing' : null;
}

function problemOfFields(value: unknown): string | null {
  if (!isObject(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > importLimits.fields) return `must have at most ${importLimits.fields} fields`;
  for (const [key, content] of entries) {
    if (!isTarget(`custom.${key}`)) return 'must have keys of letters, digits, blanks, dots and dashes';
    if (!['string', 'number', 'boolean'].includes(typeof content)) return 'must hold only texts, numbers and booleans';
    if (String(content).length > importLimits.fieldCharacters) {
      return `must hold values of at most ${importLimits.fieldCharacters} characters`;
    }
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

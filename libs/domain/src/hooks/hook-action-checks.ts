import { errors, type FieldError, type HookActionKind, hookActionKinds } from '#contracts';
import type { HookAction } from './hook-actions.js';
import { problemsOfCondition } from './hook-conditions.js';
import { hookMessageKinds } from './hook-message.js';
import { problemsOf } from './hook-values.js';

/** Looks at the actions of a hook before they are kept, so that what can never work is not found out by a request. */

const MAX_ACTIONS = 10;
const MAX_CONDITIONS = 20;
const MAX_CHARACTERS = 100_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type Given = Record<string, unknown>;

/** What is wrong with the fields of each kind. */
const checks: Record<HookActionKind, (given: Given, path: string) => FieldError[]> = {
  send_message: (given, path) => [...needed(given, 'to', path, 'who gets the message'), ...ofMessage(given, path)],
  send_template: (given, path) => [
    ...needed(given, 'to', path, 'who gets the message'),
    ...ofId(given, 'templateId', path),
    ...ofTimeZone(given, path),
    ...ofVariables(given, path),
  ],
  upsert_contact: (given, path) => [
    ...needed(given, 'phone', path, 'whose contact it is'),
    ...problemsOf(given.name, `${path}.name`),
    ...problemsOf(given.tags, `${path}.tags`),
    ...problemsOf(given.metadata, `${path}.metadata`),
  ],
  add_tags: ofTags,
  remove_tags: ofTags,
  start_broadcast: (given, path) => [
    ...ofId(given, 'broadcastId', path),
    ...problemsOf(given.name, `${path}.name`),
    ...ofVariables(given, path),
  ],
};

/** @throws validation naming everything that is wrong */
export function checkedActions(given: unknown[]): HookAction[] {
  if (given.length === 0 || given.length > MAX_ACTIONS) throw wrong(`must be 1 to ${MAX_ACTIONS} actions`);
  if (JSON.stringify(given).length > MAX_CHARACTERS)
    throw wrong(`must be at most ${MAX_CHARACTERS} characters of JSON`);
  const problems = given.flatMap((action, index) => problemsOfAction(action, `actions.${index}`));
  if (problems.length > 0) throw errors.validation({ fields: problems.slice(0, 100) });
  return given as HookAction[];
}

function problemsOfAction(given: unknown, path: string): FieldError[] {
  if (!isRecord(given)) return [{ path, message: 'must be an action' }];
  const { kind, when = [] } = given;
  if (!hookActionKinds.includes(kind as never)) {
    return [{ path: `${path}.kind`, message: `must be one of ${hookActionKinds.join(', ')}` }];
  }
  const problems =
    Array.isArray(when) && when.length <= MAX_CONDITIONS
      ? when.flatMap((condition, index) => problemsOfCondition(condition, `${path}.when.${index}`))
      : [{ path: `${path}.when`, message: `must be a list of at most ${MAX_CONDITIONS} conditions` }];
  return [...problems, ...checks[kind as HookActionKind](given, path)];
}

function ofMessage({ message }: Given, path: string): FieldError[] {
  if (!isRecord(message)) return [{ path: `${path}.message`, message: 'must be an object with a kind' }];
  if (!hookMessageKinds.includes(message.kind as never)) {
    return [{ path: `${path}.message.kind`, message: `must be one of ${hookMessageKinds.join(', ')}` }];
  }
  return problemsOf(message, `${path}.message`);
}

function ofTags(given: Given, path: string): FieldError[] {
  return [
    ...needed(given, 'phone', path, 'whose contact it is'),
    ...needed(given, 'tags', path, 'a tag, or a list of tags'),
  ];
}

function ofTimeZone({ timeZone }: Given, path: string): FieldError[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return [];
  return [{ path: `${path}.timeZone`, message: 'must be the name of a time zone, such as Europe/Berlin' }];
}

function ofVariables({ variables = {} }: Given, path: string): FieldError[] {
  if (!isRecord(variables)) return [{ path: `${path}.variables`, message: 'must be an object' }];
  return problemsOf(variables, `${path}.variables`);
}

function ofId(given: Given, name: string, path: string): FieldError[] {
  const id = given[name];
  return typeof id === 'string' && uuid.test(id) ? [] : [{ path: `${path}.${name}`, message: 'must be a UUID' }];
}

function needed(given: Given, name: string, path: string, what: string): FieldError[] {
  const value = given[name];
  if (value === undefined || value === '') return [{ path: `${path}.${name}`, message: `is needed: ${what}` }];
  return problemsOf(value, `${path}.${name}`);
}

function wrong(message: string) {
  return errors.validation({ fields: [{ path: 'actions', message }] });
}

function isTimeZone(given: unknown): boolean {
  try {
    return typeof given === 'string' && new Intl.DateTimeFormat('en', { timeZone: given }) !== null;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

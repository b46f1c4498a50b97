import { type BroadcastId, CatalogueError, type HookActionKind, type Permission, type TemplateId } from '#contracts';
import type { ChatAddress } from '#engine';
import { readTags, tagWords } from '../contacts/custom-fields.js';
import { type HookCondition, holds } from './hook-conditions.js';
import type { HookContent } from './hook-content.js';
import { type HookMessage, type HookMessageKind, messageOf } from './hook-message.js';
import { type HookValue, HookValues } from './hook-values.js';
import { MappedFields } from './mapped-fields.js';
import { type PersonAddress, personAt, recipientAt } from './mapped-phone.js';

/**
 * What a hook does with a request. To add a kind: a line in `hookActionKinds` (contracts), its form and its plan here, its
 * check in hook-action-checks.ts, and the carrying out in action-carrier.ts.
 */
export type HookAction = { when?: HookCondition[] } & (
  | { kind: 'send_message'; to: HookValue; message: { kind: HookMessageKind } & Record<string, HookValue> }
  | {
      kind: 'send_template';
      to: HookValue;
      templateId: TemplateId;
      variables?: Record<string, HookValue>;
      timeZone?: string;
    }
  | {
      kind: 'upsert_contact';
      phone: HookValue;
      name?: HookValue;
      tags?: HookValue;
      metadata?: HookValue;
    }
  | { kind: 'add_tags' | 'remove_tags'; phone: HookValue; tags: HookValue }
  | { kind: 'start_broadcast'; broadcastId: BroadcastId; name?: HookValue; variables?: Record<string, HookValue> }
);

/** An action with everything filled in from one request. */
export type PlannedAction =
  | { kind: 'send_message'; to: ChatAddress; message: HookMessage }
  | {
      kind: 'send_template';
      to: ChatAddress;
      templateId: TemplateId;
      values: Record<string, unknown>;
      timeZone: string | undefined;
    }
  | {
      kind: 'upsert_contact';
      to: PersonAddress;
      name: string | undefined;
      tags: string[];
      metadata: Record<string, unknown>;
    }
  | { kind: 'add_tags' | 'remove_tags'; to: PersonAddress; tags: string[] }
  | {
      kind: 'start_broadcast';
      broadcastId: BroadcastId;
      name: string | undefined;
      variables: Record<string, unknown>;
    };

/** What somebody must be allowed to do, where the hook's profile is, to have a hook do it. */
export const permissionsOf: Record<HookActionKind, readonly Permission[]> = {
  send_message: ['messages.send'],
  send_template: ['messages.send'],
  upsert_contact: ['contacts.write'],
  add_tags: ['contacts.write'],
  remove_tags: ['contacts.write'],
  start_broadcast: ['broadcasts.write', 'broadcasts.execute'],
};

/** What actions need of a request besides what it says. */
export interface PlanOptions {
  /** Of phone numbers without country code. */
  defaultCountry: string | null;
}

/** Longest name of a contact or a broadcast, characters. */
const MAX_NAME = 100;

/**
 * Fills one action in from a request. Pure: it asks nobody and does nothing.
 * @returns null when its conditions do not hold
 * @throws hookMappingFailed, and validation for texts that WhatsApp does not take
 */
export function planAction(
  action: HookAction,
  content: HookContent,
  { defaultCountry }: PlanOptions,
): PlannedAction | null {
  if (!(action.when ?? []).every((condition) => holds(condition, content))) return null;
  const values = new HookValues(content);
  switch (action.kind) {
    case 'send_message':
      return planMessage(action, values, defaultCountry);
    case 'send_template': {
      const fields = new MappedFields({ to: values.of(action.to, 'to') }, 'action');
      const to = recipientAt(fields, 'to', defaultCountry);
      fields.assert();
      const { kind, templateId, timeZone, variables = {} } = action;
      return { kind, to: to!, templateId, values: recordOf(values, variables, 'variables'), timeZone };
    }
    case 'start_broadcast': {
      const { kind, broadcastId, name = null, variables = {} } = action;
      const fields = new MappedFields({ name: values.of(name, 'name') }, 'action');
      const called = shortText(fields, 'name');
      fields.assert();
      return { kind, broadcastId, name: called, variables: recordOf(values, variables, 'variables') };
    }
    default:
      return planContact(action, values, defaultCountry);
  }
}

function planMessage(
  { kind, to, message: { kind: messageKind, ...said } }: Extract<HookAction, { kind: 'send_message' }>,
  values: HookValues,
  country: string | null,
): PlannedAction {
  const fields = new MappedFields({ to: values.of(to, 'to') }, 'action');
  const address = recipientAt(fields, 'to', country);
  const mapped = recordOf(values, said, 'message');
  const message = messageOf(messageKind, new MappedFields(mapped, 'action.message', fields), country);
  fields.assert();
  return { kind, to: address!, message };
}

function planContact(
  action: Extract<HookAction, { kind: 'upsert_contact' | 'add_tags' | 'remove_tags' }>,
  values: HookValues,
  country: string | null,
): PlannedAction {
  const { kind, phone } = action;
  const facts = action.kind === 'upsert_contact' ? action : null;
  const said = { phone, tags: action.tags ?? null, name: facts?.name ?? null, metadata: facts?.metadata ?? null };
  const fields = new MappedFields(recordOf(values, said, 'action'), 'action');
  const to = personAt(fields, 'phone', country);
  // `vip` and `["vip", "new"]`: senders have both.
  const tags = fields.textOrTexts('tags');
  const named = { name: shortText(fields, 'name'), metadata: fields.record('metadata') };
  if (kind !== 'upsert_contact' && tags.length === 0) fields.wrong('tags', 'must have at least one tag');
  if (readTags(tags) === null) fields.wrong('tags', tagWords);
  fields.assert();
  return kind === 'upsert_contact' ? { kind, to: to!, tags, ...named } : { kind, to: to!, tags };
}

/** A text of at most so many characters that people read in lists; undefined when it is empty. */
function shortText(fields: MappedFields, name: string): string | undefined {
  const text = fields.optional(name);
  if (text !== undefined && text.length > MAX_NAME) fields.wrong(name, `must be at most ${MAX_NAME} characters`);
  return text;
}

function recordOf(values: HookValues, given: Record<string, HookValue>, path: string): Record<string, unknown> {
  return values.of(given, path) as Record<string, unknown>;
}

/** Whether another try could end otherwise: what is wrong with the request or the number stays wrong. */
export function isWorthRetrying(failure: unknown): boolean {
  if (!(failure instanceof CatalogueError)) return true;
  return failure.status >= 500 || failure.code === 'MEDIA_FETCH_FAILED';
}

import { CatalogueError, errors, type HookActionKind, type Permission } from '#contracts';
import { findBroadcast, findContactAt, findTemplate, type Tx } from '#database';
import { toChatJid } from '#engine';
import { checkCustomFields } from '../contacts/custom-fields.js';
import { TemplateTexts } from '../templates/template-content.js';
import type { PlannedAction } from './hook-actions.js';
import type { Hook } from './hook-settings.js';

/** What has to be read to say so. */
export const readsOf: Partial<Record<HookActionKind, Permission>> = {
  send_template: 'templates.read',
  upsert_contact: 'contacts.read',
  add_tags: 'contacts.read',
  start_broadcast: 'broadcasts.read',
};

/**
 * Why a planned action would fail by what is here at this moment; null when nothing is known against it. For dry runs.
 * @param contacts addresses of whom an earlier action makes a contact
 */
export async function foreseenFailure(
  tx: Tx,
  hook: Hook,
  planned: PlannedAction,
  contacts: ReadonlySet<string>,
): Promise<CatalogueError | null> {
  try {
    await foresee(tx, hook, planned, contacts);
    return null;
  } catch (problem) {
    if (problem instanceof CatalogueError) return problem;
    throw problem;
  }
}

async function foresee(tx: Tx, hook: Hook, planned: PlannedAction, contacts: ReadonlySet<string>): Promise<void> {
  const { organizationId } = hook;
  switch (planned.kind) {
    case 'upsert_contact':
      await checkCustomFields(tx, hook, planned.metadata);
      return;
    case 'add_tags':
      if (contacts.has(toChatJid(planned.to)) || (await findContactAt(tx, hook, planned.to))) return;
      throw notAContact();
    case 'send_template': {
      const { templateId, values, timeZone } = planned;
      const template = await findTemplate(tx, organizationId, templateId);
      if (!template) throw errors.notFound({ message: 'There is no such template.', details: { templateId } });
      TemplateTexts.read(template.messageType, template.content).render(values, { timeZone });
      return;
    }
    case 'start_broadcast': {
      const { broadcastId } = planned;
      if (await findBroadcast(tx, organizationId, broadcastId)) return;
      throw errors.notFound({ message: 'There is no such broadcast.', details: { broadcastId } });
    }
  }
}

/** Somebody is to get a tag who is no contact. */
export function notAContact(): CatalogueError {
  return errors.notFound({ message: 'Nobody with this number is a contact of the profile: upsert_contact first.' });
}

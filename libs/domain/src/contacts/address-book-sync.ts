import { type Actor, type ContactId, eventActor, type ProfileId } from '#contracts';
import { addContactTags, appendEvents, type Database, listSavedContacts } from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import { contactEvents } from './contact-events.js';

/** What contacts that a sync brought are tagged with, as clients of the older product expect. */
export const SYNC_TAG = 'whatsapp-sync';

/** The settings of the account in which its phone keeps the address book. */
const ADDRESS_BOOK = 'critical_unblock_low';
const AT_ONCE = 500;

export interface AddressBookSync {
  /** Contacts that are in the address book of the phone. */
  synced: number;
  /** Those that a sync brought for the first time; they are tagged. */
  created: number;
  /** Those whose name on the phone is another since the sync before. */
  updated: number;
  errors: string[];
}

/**
 * Reads the address book of the phone anew, as far as WhatsApp shares it with linked devices: the people whom the phone
 * has saved. It comes by itself whenever the phone changes it; this is for who wants to be sure.
 */
export class AddressBooks {
  constructor(
    private readonly db: Database,
    private readonly gateway: Pick<EngineGateway, 'abilities'>,
  ) {}

  /** Safe to repeat. @throws notFound, profileNotConnected, engineUnavailable */
  async sync(actor: Actor, profileId: ProfileId): Promise<AddressBookSync> {
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      await recordAudit(tx, actor, { action: 'contact.sync', resource: { type: 'profile', id: profileId } });
    });
    const startedAt = new Date();
    // What it brings is stored, with its events, before it answers.
    const outcomes = await this.gateway.abilities(profileId).chats.resync(true);
    const failed = outcomes.filter(({ collection, outcome }) => collection === ADDRESS_BOOK && outcome !== 'ok');
    const done: AddressBookSync = {
      synced: 0,
      created: 0,
      updated: 0,
      errors: failed.map(({ outcome }) => `The address book of the phone could not be read: ${outcome}.`),
    };
    for (let after: ContactId | null = null; ; ) {
      const page: Awaited<ReturnType<typeof listSavedContacts>> = await this.tagPage(actor, profileId, after);
      done.synced += page.length;
      done.created += page.filter((each) => !each.isTagged).length;
      done.updated += page.filter((each) => each.isTagged && each.updatedAt >= startedAt).length;
      if (page.length < AT_ONCE) return done;
      after = page.at(-1)!.contactId;
    }
  }

  private tagPage(actor: Actor, profileId: ProfileId, after: ContactId | null) {
    return this.db.tenant(actor, async (tx) => {
      const page = await listSavedContacts(tx, profileId, SYNC_TAG, { after, limit: AT_ONCE });
      const news = page.filter((each) => !each.isTagged);
      if (news.length === 0) return page;
      const owner = { organizationId: actor.organizationId, profileId };
      const pairs = news.map(({ contactId }) => ({ contactId, tag: SYNC_TAG }));
      await addContactTags(tx, owner, pairs);
      const at = new Date().toISOString();
      const added = { at, added: [SYNC_TAG], removed: [] };
      await appendEvents(tx, await contactEvents(tx, owner, eventActor(actor), 'contact.tagged', news, () => added));
      return page;
    });
  }
}

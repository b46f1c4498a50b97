import { errors, type OrganizationId } from '#contracts';
import { appendEvents, type Database, findLinkProfile } from '#database';
import { addContacts } from '../contacts/add-contacts.js';
import { changeOptOut } from '../contacts/opt-outs.js';
import type { OptOutLinks, OptOutLinkTarget } from './opt-out-links.js';

/** What the page says of who sends. */
export interface LinkProfile {
  /** Digits without plus; null while the profile has no number. */
  phoneNumber: string | null;
}

/** What people do with the link in a campaign. Whether they are contacts shows nowhere. */
export class LinkOptOuts {
  constructor(
    private readonly db: Database,
    private readonly links: OptOutLinks,
  ) {}

  /** Changes nothing: previews of links open them too. @throws linkInvalid */
  async look(token: string): Promise<LinkProfile> {
    return this.profileOf(this.opened(token));
  }

  /** Opts the person of the link out, or in again. Safe to repeat. @throws linkInvalid */
  async change(token: string, isOptedOut: boolean): Promise<LinkProfile> {
    const { profileId, address } = this.opened(token);
    const profile = await this.profileOf({ profileId, address });
    const owner = { organizationId: profile.organizationId, profileId };
    const by = { kind: 'whatsapp' } as const;
    await this.db.organization(profile.organizationId, async (tx) => {
      const { contacts, events } = await addContacts(tx, owner, 'message', by, [{ address }]);
      const change = { contactIds: [contacts[0]!.contactId], isOptedOut, source: 'link', by } as const;
      await appendEvents(tx, [...events, ...(await changeOptOut(tx, owner, change))]);
    });
    return profile;
  }

  private opened(token: string): OptOutLinkTarget {
    const target = this.links.open(token);
    if (!target) throw errors.linkInvalid();
    return target;
  }

  private async profileOf({ profileId }: OptOutLinkTarget): Promise<LinkProfile & { organizationId: OrganizationId }> {
    const profile = await findLinkProfile(this.db, profileId);
    if (!profile) throw errors.linkInvalid();
    return profile;
  }
}

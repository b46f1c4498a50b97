import { type Actor, type ContactId, errors } from '#contracts';
import type { Database } from '#database';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import { one } from './contacts.service.js';

/** Pictures of contacts, as WhatsApp shows them to the profile. Nothing of them is kept. */
export class ContactPictures {
  constructor(
    private readonly db: Database,
    private readonly gateway: Pick<EngineGateway, 'abilities'>,
  ) {}

  /** A JPEG. @throws notFound (also where there is none or it is hidden), profileNotConnected, engineUnavailable */
  async get(actor: Actor, id: ContactId, size: 'preview' | 'full'): Promise<Uint8Array> {
    const { profileId, phone, lid } = await this.db.tenant(actor, (tx) => one(tx, actor, id));
    const picture = await this.gateway.abilities(profileId).people.pictureBytes({ phone, lid }, size);
    if (picture) return picture.bytes;
    throw errors.notFound({ message: 'WhatsApp shows no picture of this contact.', details: { contactId: id } });
  }
}

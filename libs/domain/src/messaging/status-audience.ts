import { type ClaimedSend, type Database, findAudienceOf, keepAudience, listSavedPeople } from '#database';
import { type Address, type Connection, EngineError, LeaseLost } from '#engine';
import type { OwnedProfile } from './owned-profile.js';

/**
 * Whom a status goes to that names nobody: those whom the account's owner chose on the phone. WhatsApp lets the sender work
 * that out, as it encrypts for each: the people in the phone's address book, all, all but some, or only some (whatsmeow,
 * broadcast.go, `getStatusBroadcastRecipients`).
 */
export class StatusAudience {
  constructor(
    private readonly db: Database,
    private readonly owned: OwnedProfile,
    private readonly connection: Pick<Connection, 'abilities'>,
  ) {}

  /**
   * Of a status, and of what is done to one. It is kept before anything is sent, so that another try, and a deletion, go to
   * the same people.
   * @throws EngineError `content_invalid` when nobody is chosen
   */
  async of(send: ClaimedSend): Promise<Address[]> {
    if (send.audience) return send.audience;
    const audience = await this.beforeTheWire(async () => {
      const kept = await findAudienceOf(this.db, send.messageId);
      if (kept || send.isAction) return kept ?? [];
      const chosen = await this.chosen();
      if (chosen.length > 0) await keepAudience(this.db, this.owned.lease, send.messageId, chosen);
      return chosen;
    });
    if (audience.length > 0) return audience;
    throw new EngineError('content_invalid', 'Nobody may see this status: the phone has saved no contacts.', {
      ...{ retryable: false, outcome: 'not_sent' },
    });
  }

  private async chosen(): Promise<Address[]> {
    const privacy = await this.connection.abilities.privacy?.statusAudience();
    if (privacy?.audience === 'only') return privacy.people;
    const excluded = new Set(privacy?.people.flatMap(({ phone, lid }) => [phone ?? '', lid ?? '']));
    const saved = await listSavedPeople(this.db, this.owned.lease.profileId);
    return saved.filter(({ phone, lid }) => !excluded.has(phone ?? '-') && !excluded.has(lid ?? '-'));
  }

  /** Whatever fails here, nothing was sent. */
  private async beforeTheWire<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof LeaseLost) throw cause;
      const facts = { retryable: true, outcome: 'not_sent', cause } as const;
      throw new EngineError('server_error', 'Who may see the status could not be found out.', facts);
    }
  }
}

import type { Actor, AudiencePart } from '#contracts';
import { type Database, findUnknownRosters } from '#database';
import type { EngineGateway } from '../profiles/engine-gateway.js';

/** Asks WhatsApp who is in groups whose members a broadcast is for, where that is not known. */
export class GroupRosters {
  constructor(
    private readonly db: Database,
    private readonly gateway: Pick<EngineGateway, 'abilities'>,
  ) {}

  /** As far as their numbers are connected: of a group that stays unknown the list of recipients says so. */
  async refresh(actor: Actor, audience: readonly AudiencePart[]): Promise<void> {
    const groupIds = audience.flatMap((part) => (part.type === 'members' ? part.value : []));
    if (groupIds.length === 0) return;
    const unknown = await this.db.tenant(actor, (tx) => findUnknownRosters(tx, actor.organizationId, groupIds));
    for (const { profileId, waId } of unknown.slice(0, MOST_ASKED)) {
      await this.gateway
        .abilities(profileId)
        .groups.get(waId)
        .catch(() => undefined);
    }
  }
}

/** WhatsApp is asked about so many at a start: each answer takes a moment, and somebody waits. */
const MOST_ASKED = 50;

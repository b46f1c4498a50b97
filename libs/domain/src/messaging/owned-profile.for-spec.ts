import { type LoggedEvent, newId } from '#contracts';
import {
  type ClaimedSend,
  claimLeases,
  claimSends,
  type Database,
  ensureChats,
  insertQueued,
  type Lease,
  readEvents,
  resolvePersons,
} from '#database';
import { type BuiltOrganization, type BuiltProfile, buildProfile, until } from '#testing';
import { rowOf } from '../governor/governor-row.js';
import { freshState } from '../governor/governor-state.js';
import { defaultSendPolicy } from '../governor/send-policy.js';
import type { OwnedProfile } from './owned-profile.js';

/** A profile with its owner, for specs of what the owner does. */
export class OwnedForSpec implements OwnedProfile {
  readonly ending = new AbortController();
  isCurrent = true;

  private constructor(
    private readonly db: Database,
    readonly profile: BuiltProfile,
    readonly lease: Lease,
  ) {}

  static async build(db: Database, options: { in?: BuiltOrganization } = {}): Promise<OwnedForSpec> {
    const profile = await buildProfile(db, { ...options, desiredState: 'connected', phoneNumber: '15550009999' });
    return new OwnedForSpec(db, profile, await claim(db, profile));
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Another host takes the profile over: this owner is the former one from here on. */
  async successor(): Promise<OwnedForSpec> {
    await this.db.query("update profile_leases set expires_at = now() - interval '1 second' where profile_id = $1", [
      this.profile.profileId,
    ]);
    return new OwnedForSpec(this.db, this.profile, await claim(this.db, this.profile));
  }

  /** Queues texts, to one number each, as the api does. @returns the message ids */
  async queue(
    texts: { to: string; text: string; lane?: 'interactive' | 'campaign'; expiresAt?: Date; pauseMs?: number }[],
    batchId?: string,
  ) {
    const { organizationId, profileId } = this.profile;
    const acceptedAt = new Date();
    const ids: string[] = [];
    for (const lane of ['interactive', 'campaign'] as const) {
      const ofLane = texts.filter((each) => (each.lane ?? 'interactive') === lane);
      if (ofLane.length === 0) continue;
      await this.db.system(async (tx) => {
        const addresses = ofLane.map(({ to }) => ({ phone: to, lid: null }));
        const { personIds } = await resolvePersons(tx, organizationId, addresses);
        const conversationIds = await ensureChats(
          tx,
          this.profile,
          personIds.map((personId) => ({ personId })),
        );
        const rows = ofLane.map((each, index) => ({
          id: newId<string>(),
          conversationId: conversationIds[index]!,
          waMessageId: `3EB0${newId<string>().replaceAll('-', '').toUpperCase()}`,
          content: { kind: 'text', text: each.text } as const,
          targetMessageId: null,
          audience: null,
          quotedWaMessageId: null,
          notBefore: acceptedAt,
          pauseMs: each.pauseMs ?? null,
          traceParent: null,
          expiresAt: each.expiresAt ?? new Date(acceptedAt.getTime() + 3_600_000),
        }));
        await insertQueued(tx, { organizationId, profileId, lane, batchId: batchId ?? null, acceptedAt }, rows);
        ids.push(...rows.map((row) => row.id));
      });
    }
    return ids;
  }

  /** Takes on what is due, as an owner without any rules does. */
  async claim(options: { limit: number; exceptMessages?: string[] }): Promise<ClaimedSend[]> {
    const lanes = [0, 0, 0, 1, 1, 1];
    const standings = [0, 1, 2, 0, 1, 2];
    const answer = await claimSends(this.db, this.lease, {
      limit: options.limit,
      exceptMessages: options.exceptMessages ?? [],
      exceptConversations: [],
      exceptBatches: [],
      governed: {
        revision: 0,
        open: { lanes, standings },
        closed: { lanes: [], standings: [] },
        mostOfCampaigns: null,
        mostUnsolicited: null,
        mostNewContacts: null,
        campaignFirst: false,
        serviceSince: new Date(0),
        tellsServiceApart: false,
        leftovers: null,
        counted: rowOf(freshState(defaultSendPolicy, Date.now())),
      },
    });
    return answer!.sends;
  }

  /** Without those of new contacts, whom every first message brings along. */
  async events(): Promise<LoggedEvent[]> {
    return (await this.allEvents()).filter((event) => event.name !== 'contact.created');
  }

  allEvents(): Promise<LoggedEvent[]> {
    return readEvents(this.db, this.profile.profileId, 0, 10_000);
  }

  async eventNames(): Promise<string[]> {
    return (await this.events()).map((event) => event.name);
  }

  async message(id: string) {
    const [row] = await this.db.query<{ state: string; reason: string | null; waMessageId: string; attempts: number }>(
      `select state, state_reason as reason, wa_message_id as "waMessageId", attempts from messages where id = $1`,
      [id],
    );
    return row!;
  }

  async waiting(): Promise<{ id: string; wired: boolean; claimed: boolean }[]> {
    return this.db.query(
      `select message_id as id, wired, claimed_epoch is not null as claimed from outbox
        where profile_id = $1 order by message_id`,
      [this.profile.profileId],
    );
  }
}

/** A claim passes over a lease that a write of its owner holds at this moment. */
function claim(db: Database, profile: BuiltProfile): Promise<Lease> {
  const options = { hostId: newId<string>(), limit: 1000, leaseSeconds: 600, freeForSeconds: 0, held: [] };
  return until(async () => (await claimLeases(db, options)).find((lease) => lease.profileId === profile.profileId), {
    what: 'the lease to be free',
  });
}

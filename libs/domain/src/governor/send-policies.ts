import { Injectable } from '@nestjs/common';
import { type Actor, eventActor, type ProfileId } from '#contracts';
import { appendEvents, Database, findProfile, findSendPolicy, type Tx, widenService, writeSendPolicy } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { noProfile, profileResource } from '../profiles/profiles.service.js';
import { policyOf, stateOf } from './governor-row.js';
import { freshState } from './governor-state.js';
import { assertConsistent } from './policy-rules.js';
import { type PolicyState, policyState } from './policy-state.js';
import { defaultSendPolicy, type SendPolicy } from './send-policy.js';

/** The rules by which profiles send, and where they stand. */
@Injectable()
export class SendPolicies {
  constructor(private readonly db: Database) {}

  /** @throws errors.notFound */
  async get(actor: Actor, profileId: ProfileId): Promise<SendPolicy> {
    return policyOf(await this.db.tenant(actor, (tx) => this.find(tx, actor, profileId)));
  }

  /**
   * Changes rules; those that are left out stay. They hold from the owner's next claim on: not one message more goes out
   * under the former ones, besides those that are on their way.
   * @throws errors.notFound, validation
   */
  async update(actor: Actor, profileId: ProfileId, changes: Partial<SendPolicy>): Promise<SendPolicy> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const row = await this.find(tx, actor, profileId, 'lock');
      const before = policyOf(row);
      const policy = warmUpBegun({ ...before, ...changes }, row.at);
      assertConsistent(policy);
      const owner = { organizationId, profileId };
      const revision = row.revision + 1;
      await writeSendPolicy(tx, owner, { revision, policy: chosen(policy) });
      if (policy.serviceWindowHours > before.serviceWindowHours) {
        await widenService(tx, profileId, policy.serviceWindowHours);
      }
      const profile = (await findProfile(tx, owner, profileId))!;
      await recordAudit(tx, actor, {
        action: 'profile.send_policy',
        resource: profileResource(profile),
        before: { ...before },
        after: { ...policy },
      });
      const payload = { revision, policy: { ...policy } };
      await appendEvents(tx, [{ ...owner, name: 'send_policy.updated', actor: eventActor(actor), payload }]);
      tx.wake('outbox', profileId);
      return policy;
    });
  }

  /** What is counted, what is left, what rests and why, at this moment. @throws errors.notFound */
  async state(actor: Actor, profileId: ProfileId): Promise<PolicyState> {
    const row = await this.db.tenant(actor, (tx) => this.find(tx, actor, profileId));
    const policy = policyOf(row);
    const now = row.at.getTime();
    return policyState(policy, row.governor ? stateOf(row.governor) : freshState(policy, now), now);
  }

  private async find(tx: Tx, { organizationId }: Actor, profileId: ProfileId, lock?: 'lock') {
    const row = await findSendPolicy(tx, organizationId, profileId, lock);
    if (!row) throw noProfile(profileId);
    return row;
  }
}

/** A warm-up that is switched on begins now, unless it is said when. */
function warmUpBegun(policy: SendPolicy, now: Date): SendPolicy {
  if (!policy.warmupEnabled) return { ...policy, warmupStartedAt: null };
  return { ...policy, warmupStartedAt: policy.warmupStartedAt ?? now.toISOString() };
}

/** Only what differs from the defaults is kept, so that better defaults reach those who never chose. */
function chosen(policy: SendPolicy): Partial<SendPolicy> {
  return Object.fromEntries(
    Object.entries(policy).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaultSendPolicy[name as keyof SendPolicy]),
    ),
  );
}

import { type Actor, errors } from '#contracts';
import type { Database, OrganizationSealer, Sealer, Tx } from '#database';

/** How long a request that no longer says that it runs is left alone before a repeat takes it over. */
const LOCK_SECONDS = 10;
/** How often a running request has to say so (`IdempotencyKeys.prolong`). */
export const PROLONG_EVERY_MS = 3_000;
/** How long an outcome is kept for repeats. */
const KEEP_HOURS = 24;

/** The right to carry out the request of a key. Lost when its process stands still and a repeat arrives. */
export interface Claim {
  organizationId: string;
  scope: string;
  key: string;
  /** Which claim of the key this is: a later one has a later time, because it is only given when the lock has run out. */
  claimedAt: Date;
  /** At hand, so that storing within a transaction needs no other connection. */
  sealer: OrganizationSealer;
}

export interface StoredOutcome {
  status: number;
  body: unknown;
}

/**
 * Outcomes of requests with an Idempotency-Key.
 *
 * A request claims its key and acts. In the transaction of the change it stores the outcome as it stands then
 * (`storeWithin`), guarded by the claim; when it is over, the outcome that it answers (`finish`). Repeats wait while it
 * runs, so all get the same answer. When it dies the lock runs out, and a repeat finds either nothing done and acts, or
 * the outcome of the commit. Outcomes are sealed: some carry a secret that is shown once.
 */
export class IdempotencyKeys {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Claims the key for this request, or finds the outcome of the first.
   * @throws idempotencyConflict when the key belongs to a different request
   * @throws idempotencyInProgress while the first is running
   */
  async claim(actor: Actor, key: string, requestHash: Buffer): Promise<{ claim: Claim } | { outcome: StoredOutcome }> {
    const { organizationId } = actor;
    const scope = actor.credential.kind === 'session' ? `user:${actor.userId}` : `key:${actor.credential.id}`;
    const sealer = await this.sealer.forOrganization(organizationId);
    const owner = [organizationId, scope, key];
    const [claimed] = await this.db.query<{ claimedAt: Date }>(CLAIM, [...owner, requestHash], {
      name: 'idem-claim',
    });
    if (claimed) return { claim: { organizationId, scope, key, claimedAt: claimed.claimedAt, sealer } };

    const [first] = await this.db.query<FirstRequest>(FIND, owner, { name: 'idem-find' });
    if (first && !first.requestHash.equals(requestHash)) throw errors.idempotencyConflict({ details: { key } });
    if (!first?.sealed || first.status === null || first.isRunning) {
      throw errors.idempotencyInProgress({ retryAfterSeconds: 1, details: { key } });
    }
    const body = JSON.parse(sealer.open(first.sealed, contextOf(scope, key)).toString());
    return { outcome: { status: first.status, body } };
  }

  /**
   * Stores the outcome inside the transaction of the change.
   * @throws idempotencyInProgress when the claim was lost to a repeat
   */
  async storeWithin(tx: Tx, claim: Claim, outcome: StoredOutcome): Promise<void> {
    const stored = await tx.query(STORE, parameters(claim, outcome), { name: 'idem-store' });
    if (stored.length === 0) throw errors.idempotencyInProgress({ retryAfterSeconds: 1, details: { key: claim.key } });
  }

  /** Says that the request still runs. */
  async prolong(claim: Claim): Promise<void> {
    await this.db.query(PROLONG, ownerOf(claim), { name: 'idem-prolong' });
  }

  /** Stores the outcome that is answered; repeats get it from now on. Changes nothing when the claim was lost. */
  async finish(claim: Claim, outcome: StoredOutcome): Promise<void> {
    await this.db.query(FINISH, parameters(claim, outcome), { name: 'idem-finish' });
  }

  /** Gives the key back, so that a repeat may act. An outcome that was committed stays. */
  async release(claim: Claim): Promise<void> {
    await this.db.query(RELEASE, ownerOf(claim), { name: 'idem-release' });
  }
}

interface FirstRequest {
  requestHash: Buffer;
  status: number | null;
  sealed: Buffer | null;
  isRunning: boolean;
}

function ownerOf({ organizationId, scope, key, claimedAt }: Claim): unknown[] {
  return [organizationId, scope, key, claimedAt];
}

function parameters(claim: Claim, outcome: StoredOutcome): unknown[] {
  const sealed = claim.sealer.seal(JSON.stringify(outcome.body), contextOf(claim.scope, claim.key));
  return [...ownerOf(claim), outcome.status, sealed];
}

function contextOf(scope: string, key: string): string {
  return `idempotency:${scope}:${key}`;
}

const CLAIM = `
  insert into idempotency_keys as known (organization_id, scope, key, request_hash, created_at, locked_until, expires_at)
  values ($1, $2, $3, $4, now(), now() + interval '${LOCK_SECONDS} seconds', now() + interval '${KEEP_HOURS} hours')
  on conflict (organization_id, scope, key) do update
    set request_hash = excluded.request_hash, response_status = null, response_sealed = null,
        created_at = excluded.created_at, locked_until = excluded.locked_until, expires_at = excluded.expires_at
    where known.expires_at < now()
       or (known.response_status is null and known.locked_until < now() and known.request_hash = excluded.request_hash)
  returning created_at as "claimedAt"`;

const FIND = `
  select request_hash as "requestHash", response_status as status, response_sealed as sealed,
         locked_until > now() as "isRunning"
  from idempotency_keys where organization_id = $1 and scope = $2 and key = $3`;

const OURS = 'organization_id = $1 and scope = $2 and key = $3 and created_at = $4';

const STORE = `update idempotency_keys set response_status = $5, response_sealed = $6 where ${OURS} returning key`;

const FINISH = `
  update idempotency_keys set response_status = $5, response_sealed = $6, locked_until = now() where ${OURS}`;

const PROLONG = `
  update idempotency_keys set locked_until = now() + interval '${LOCK_SECONDS} seconds' where ${OURS}`;

const RELEASE = `delete from idempotency_keys where ${OURS} and response_status is null`;

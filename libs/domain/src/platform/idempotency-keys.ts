import { type Actor, errors } from '#contracts';
import type { Database, OrganizationSealer, Sealer, Tx } from '#database';

/** How long a running request is left alone before a repeat takes it over. Longer than any request may take. */
const LOCK_SECONDS = 60;
/** How long an outcome is kept for repeats. */
const KEEP_HOURS = 24;

/** The right to carry out the request of a key. Lost when it takes longer than the lock and a repeat arrives. */
export interface Claim {
  organizationId: string;
  scope: string;
  key: string;
  /** Which claim of the key this is: the moment until which it is locked, different for each. */
  lockedUntil: Date;
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
 * A request claims its key, acts, and stores its outcome. The outcome is stored in the transaction of the change
 * (`storeWithin`), guarded by the claim, so whatever dies whenever: a repeat finds either nothing done and may act, or
 * the outcome. Outcomes are sealed: some carry a secret that is shown once.
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
    const [claimed] = await this.db.query<{ lockedUntil: Date }>(CLAIM, [...owner, requestHash], {
      name: 'idem-claim',
    });
    if (claimed) return { claim: { organizationId, scope, key, lockedUntil: claimed.lockedUntil, sealer } };

    const [first] = await this.db.query<FirstRequest>(FIND, owner, { name: 'idem-find' });
    if (first && !first.requestHash.equals(requestHash)) throw errors.idempotencyConflict({ details: { key } });
    if (!first?.sealed || first.status === null) {
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

  /** Stores or replaces the outcome outside a transaction. Changes nothing when the claim was lost. */
  async store(claim: Claim, outcome: StoredOutcome): Promise<void> {
    await this.db.query(STORE, parameters(claim, outcome), { name: 'idem-store' });
  }

  /** Gives the key back, so that a repeat may act. An outcome that was stored stays. */
  async release(claim: Claim): Promise<void> {
    await this.db.query(RELEASE, [claim.organizationId, claim.scope, claim.key, claim.lockedUntil], {
      name: 'idem-release',
    });
  }
}

interface FirstRequest {
  requestHash: Buffer;
  status: number | null;
  sealed: Buffer | null;
}

function parameters(claim: Claim, outcome: StoredOutcome): unknown[] {
  const { organizationId, scope, key, lockedUntil, sealer } = claim;
  const sealed = sealer.seal(JSON.stringify(outcome.body), contextOf(scope, key));
  return [organizationId, scope, key, lockedUntil, outcome.status, sealed];
}

function contextOf(scope: string, key: string): string {
  return `idempotency:${scope}:${key}`;
}

// The later claim always has the later locked_until, because it is only given once the earlier one is past.
const CLAIM = `
  insert into idempotency_keys as known (organization_id, scope, key, request_hash, locked_until, expires_at)
  values ($1, $2, $3, $4, now() + interval '${LOCK_SECONDS} seconds', now() + interval '${KEEP_HOURS} hours')
  on conflict (organization_id, scope, key) do update
    set request_hash = excluded.request_hash, response_status = null, response_sealed = null,
        created_at = now(), locked_until = excluded.locked_until, expires_at = excluded.expires_at
    where known.expires_at < now()
       or (known.response_status is null and known.locked_until < now() and known.request_hash = excluded.request_hash)
  returning locked_until as "lockedUntil"`;

const FIND = `
  select request_hash as "requestHash", response_status as status, response_sealed as sealed
  from idempotency_keys where organization_id = $1 and scope = $2 and key = $3`;

const STORE = `
  update idempotency_keys set response_status = $5, response_sealed = $6
  where organization_id = $1 and scope = $2 and key = $3 and locked_until = $4
  returning key`;

const RELEASE = `
  delete from idempotency_keys
  where organization_id = $1 and scope = $2 and key = $3 and locked_until = $4 and response_status is null`;

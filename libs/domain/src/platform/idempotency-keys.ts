import { Injectable } from '@nestjs/common';
import { type Actor, errors } from '#contracts';
import { Database, type Tx } from '#database';

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
 * the outcome.
 */
@Injectable()
export class IdempotencyKeys {
  constructor(private readonly db: Database) {}

  /**
   * Claims the key for this request, or finds the outcome of the first.
   * @throws idempotencyConflict when the key belongs to a different request
   * @throws idempotencyInProgress while the first is running
   */
  async claim(actor: Actor, key: string, requestHash: Buffer): Promise<{ claim: Claim } | { outcome: StoredOutcome }> {
    const scope = actor.credential.kind === 'session' ? `user:${actor.userId}` : `key:${actor.credential.id}`;
    const owner = [actor.organizationId, scope, key];
    const [claimed] = await this.db.query<{ lockedUntil: Date }>(CLAIM, [...owner, requestHash], { name: 'idem-claim' });
    if (claimed) return { claim: { organizationId: actor.organizationId, scope, key, lockedUntil: claimed.lockedUntil } };

    const [first] = await this.db.query<FirstRequest>(FIND, owner, { name: 'idem-find' });
    if (first && !first.requestHash.equals(requestHash)) throw errors.idempotencyConflict({ details: { key } });
    if (first?.status == null) throw errors.idempotencyInProgress({ retryAfterSeconds: 1, details: { key } });
    return { outcome: { status: first.status, body: first.body } };
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
  body: unknown;
}

function parameters(claim: Claim, outcome: StoredOutcome): unknown[] {
  const { organizationId, scope, key, lockedUntil } = claim;
  return [organizationId, scope, key, lockedUntil, outcome.status, JSON.stringify(outcome.body)];
}

// The later claim always has the later locked_until, because it is only given once the earlier one is past.
const CLAIM = `
  insert into idempotency_keys as known (organization_id, scope, key, request_hash, locked_until, expires_at)
  values ($1, $2, $3, $4, now() + interval '${LOCK_SECONDS} seconds', now() + interval '${KEEP_HOURS} hours')
  on conflict (organization_id, scope, key) do update
    set request_hash = excluded.request_hash, response_status = null, response_body = null,
        created_at = now(), locked_until = excluded.locked_until, expires_at = excluded.expires_at
    where known.expires_at < now()
       or (known.response_status is null and known.locked_until < now() and known.request_hash = excluded.request_hash)
  returning locked_until as "lockedUntil"`;

const FIND = `
  select request_hash as "requestHash", response_status as status, response_body as body
  from idempotency_keys where organization_id = $1 and scope = $2 and key = $3`;

const STORE = `
  update idempotency_keys set response_status = $5, response_body = $6::jsonb
  where organization_id = $1 and scope = $2 and key = $3 and locked_until = $4
  returning key`;

const RELEASE = `
  delete from idempotency_keys
  where organization_id = $1 and scope = $2 and key = $3 and locked_until = $4 and response_status is null`;

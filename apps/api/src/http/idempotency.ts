import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Claim, IdempotencyKeys, Once, StoredOutcome } from '#domain';
import { toEnvelope } from './answer.js';

/**
 * Repeats of a request with the same Idempotency-Key have one effect and one answer. How: the handler hands
 * `idempotency.storing(present)` to the domain, which stores the answer in the transaction of the change; when the
 * handler has returned, its final answer replaces it.
 */
const IDEMPOTENT = Symbol('idempotent');

/** The route honours Idempotency-Key. On every POST that creates or sends. */
export const Idempotent = () =>
  applyDecorators(
    SetMetadata(IDEMPOTENT, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Makes repeats safe: the first request with a key acts, repeats within 24 hours get its answer (with `Idempotency-Replayed: true`). 1 to 255 printable ASCII characters, best a UUID.',
      // Without an example: the documentation page would fill it in, and every second try there would be a repeat.
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  );

export function isIdempotent(handler: object): boolean {
  return Reflect.getMetadata(IDEMPOTENT, handler) === true;
}

/** An answer that was stored, here or by an earlier request: sent as it is. */
export class StoredAnswer implements StoredOutcome {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly isReplay: boolean,
  ) {}
}

/** What a handler needs to store its answer with its change. Without an Idempotency-Key it does nothing. */
export class IdempotencyScope {
  /** The answer that was committed together with the change. */
  committed: StoredOutcome | undefined;

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly claim: Claim | undefined,
    private readonly defaultStatus: number,
    private readonly requestId: string,
  ) {}

  /**
   * For the domain call's `once` argument.
   * @param present what the answer would be if nothing more happened after the commit: data, or `answer(status, data)`
   */
  storing<Result>(present: (result: Result) => unknown): Once<Result> {
    const { claim } = this;
    if (claim === undefined) return async () => {};
    return async (tx, result) => {
      const { status, body } = toEnvelope(present(result), this.requestId);
      const outcome = { status: status ?? this.defaultStatus, body };
      await this.keys.storeWithin(tx, claim, outcome);
      tx.afterCommit(() => {
        this.committed = outcome;
      });
    };
  }
}

const SCOPE = Symbol('idempotency-scope');

export function attachScope(request: object, scope: IdempotencyScope): void {
  (request as Record<symbol, unknown>)[SCOPE] = scope;
}

/** The scope of this request: `@Idempotency() idempotency: IdempotencyScope`. Only on `@Idempotent()` routes. */
export const Idempotency = createParamDecorator((_: unknown, context: ExecutionContext): IdempotencyScope => {
  const scope = context.switchToHttp().getRequest()[SCOPE];
  if (!scope) throw new Error('@Idempotency() needs @Idempotent() on the handler.');
  return scope;
});

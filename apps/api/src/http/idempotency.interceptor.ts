import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { errors } from '#contracts';
import { type Claim, IdempotencyKeys, Logger, PROLONG_EVERY_MS } from '#domain';
import { toEnvelope } from './answer.js';
import { toCatalogueError, toErrorBody } from './error-body.js';
import { attachScope, IdempotencyScope, isIdempotent, StoredAnswer } from './idempotency.js';
import type { ApiRequest } from './request.js';

/** Carries out `@Idempotent()` (idempotency.ts says how). */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly log: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http' || !isIdempotent(context.getHandler())) return next.handle();
    const http = context.switchToHttp();
    return from(this.once(http.getRequest<ApiRequest>(), http.getResponse<Response>(), next));
  }

  private async once(request: ApiRequest, response: Response, next: CallHandler): Promise<unknown> {
    const key = request.headers['idempotency-key'];
    if (key === undefined) {
      attachScope(request, new IdempotencyScope(this.keys, undefined, response.statusCode, request.requestId));
      return lastValueFrom(next.handle());
    }
    const claimed = await this.keys.claim(request.actor!, checked(key), requestHash(request));
    if ('outcome' in claimed) return new StoredAnswer(claimed.outcome.status, claimed.outcome.body, true);

    const scope = new IdempotencyScope(this.keys, claimed.claim, response.statusCode, request.requestId);
    attachScope(request, scope);
    const prolonging = setInterval(() => void this.prolong(claimed.claim), PROLONG_EVERY_MS);
    try {
      const returned = await lastValueFrom(next.handle());
      const { status, body } = toEnvelope(returned, request.requestId);
      return await this.keep(claimed.claim, new StoredAnswer(status ?? response.statusCode, body, false));
    } catch (error) {
      return await this.failed(request, claimed.claim, scope, error);
    } finally {
      clearInterval(prolonging);
    }
  }

  private async failed(request: ApiRequest, claim: Claim, scope: IdempotencyScope, error: unknown): Promise<unknown> {
    if (scope.committed) {
      // The change is made; a failure of what came after (such as waiting for the outcome) must not look like its own.
      this.log.warn({ err: error, requestId: request.requestId }, 'failed after the commit; answered as committed');
      return this.keep(claim, new StoredAnswer(scope.committed.status, scope.committed.body, false));
    }
    const known = toCatalogueError(error);
    if (known.status >= 500 || known.status === 401 || known.status === 403 || known.status === 429) {
      await this.keys
        .release(claim)
        .catch((problem) => this.log.warn({ err: problem }, 'idempotency key not released'));
      throw error;
    }
    return this.keep(claim, new StoredAnswer(known.status, toErrorBody(known, request.requestId), false));
  }

  /** When it fails a repeat may find the lock run out; the claim then keeps this request from acting as well. */
  private async prolong(claim: Claim): Promise<void> {
    await this.keys.prolong(claim).catch((err) => this.log.warn({ err }, 'idempotency key not prolonged'));
  }

  /** The answer goes out even when it cannot be kept: what was done is done. */
  private async keep(claim: Claim, answer: StoredAnswer): Promise<StoredAnswer> {
    await this.keys.finish(claim, answer).catch((err) => this.log.warn({ err }, 'idempotent answer not stored'));
    return answer;
  }
}

function checked(key: string | string[]): string {
  if (typeof key === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key)) return key;
  throw errors.validation({
    fields: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }],
  });
}

function requestHash(request: ApiRequest): Buffer {
  return createHash('sha256')
    .update(`${request.method}\n${request.originalUrl}\n${request.bodyHash ?? ''}`)
    .digest();
}

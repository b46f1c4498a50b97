import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs';
import { OutOfReach } from '#domain';
import type { ApiRequest } from './request.js';

/** Most ids of a request that are looked at. */
const MAX_IDS = 100;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Answers 403 instead of 404 for what the caller sees, but has no permission for in that place (OutOfReach). */
@Injectable()
export class OutOfReachInterceptor implements NestInterceptor {
  constructor(private readonly outOfReach: OutOfReach) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const { actor } = request;
    if (actor === undefined || actor.reach === 'everywhere') return next.handle();
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          from(this.outOfReach.explain(error, actor, () => idsIn(request))).pipe(
            mergeMap((explained) => throwError(() => explained)),
          ),
        ),
      );
  }
}

function idsIn(request: ApiRequest): string[] {
  const text = JSON.stringify([request.params, request.query, request.body]);
  return [...new Set(text.match(UUID)?.map((id) => id.toLowerCase()))].slice(0, MAX_IDS);
}

import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { toEnvelope } from './answer.js';
import { StoredAnswer } from './idempotency.js';
import type { ApiRequest } from './request.js';

/** Puts what handlers return into `{ success, data, meta }`. Files and stored answers pass as they are. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const response = http.getResponse<Response>();
    return next.handle().pipe(
      map((returned) => {
        if (returned instanceof StreamableFile) return returned;
        if (returned instanceof StoredAnswer) {
          response.status(returned.status);
          if (returned.isReplay) response.setHeader('Idempotency-Replayed', 'true');
          return returned.body;
        }
        const { status, body } = toEnvelope(returned, request.requestId);
        if (status !== undefined) response.status(status);
        return body;
      }),
    );
  }
}

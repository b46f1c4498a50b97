import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from '#domain';
import { shownPath } from './receiver-body.js';
import type { ApiRequest } from './request.js';

/** A request that takes longer is worth a line at `warn`. Sends may wait for WhatsApp's answer up to 30 s. */
const SLOW_MS = 35_000;

/** One line for each request: at `debug`, because a line costs a fifth of a request's time; slow ones at `warn`. */
export function requestLog(log: Logger): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const { requestId, traceId, actor } = request as unknown as ApiRequest;
      const fields = {
        requestId,
        traceId,
        method: request.method,
        path: shownPath(request.originalUrl),
        status: response.statusCode,
        ms,
        organizationId: actor?.organizationId,
        credential: actor?.credential.id,
        isAborted: response.writableFinished ? undefined : true,
      };
      if (ms > SLOW_MS) log.warn(fields, 'slow request');
      else log.debug(fields, 'request');
    });
    next();
  };
}

import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type CatalogueError, errors } from '#contracts';
import { isGoneReference } from '#database';
import { Logger } from '#domain';
import { toCatalogueError, toErrorBody } from './error-body.js';
import { shownPath } from './receiver-body.js';
import type { ApiRequest } from './request.js';
import { RouteTable } from './route-table.js';

/** Answers every error in the envelope. What is our own fault is logged whole, under the request id that is answered. */
@Injectable()
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly log: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const response = http.getResponse<Response>();
    const error = this.exactly(toCatalogueError(thrown), request, response);
    this.write(error, request);
    if (response.headersSent) {
      // A file that broke off: the status has gone out, so the broken connection has to tell.
      response.destroy();
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfterSeconds));
    if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="waypost"');
    response.status(error.status).json(toErrorBody(error, request.requestId));
  }

  /** A path that exists under other methods is 405 and says which. */
  private exactly(error: CatalogueError, request: ApiRequest, response: Response): CatalogueError {
    if (error.code !== 'ROUTE_NOT_FOUND') return error;
    const allowed = this.routes.methodsOf(pathOf(request));
    if (allowed.length === 0) return error;
    response.setHeader('Allow', allowed.join(', '));
    return errors.methodNotAllowed({ details: { allowed } });
  }

  private write(error: CatalogueError, request: ApiRequest): void {
    const { requestId, traceId, method, actor } = request;
    const fields = {
      requestId,
      traceId,
      method,
      path: shownPath(request.originalUrl),
      organizationId: actor?.organizationId,
      code: error.code,
    };
    if (error.code === 'INTERNAL_ERROR') this.log.error({ ...fields, err: error.cause ?? error }, 'request failed');
    // Those whose state is told elsewhere (too busy, not ready) come in masses and have no cause. What was deleted meanwhile
    // is worth a look when it comes often: then it is a mistake of ours.
    else if (error.cause !== undefined && (error.status >= 500 || isGoneReference(error.cause)))
      this.log.warn({ ...fields, err: error.cause ?? error }, 'request refused');
    else this.log.debug(fields, 'request refused');
  }
}

/** The whole path, wherever in Express the error came up. */
function pathOf(request: ApiRequest): string {
  return request.originalUrl.split('?', 1)[0]!;
}

import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';
import { startSpanOf } from '#domain';
import { shownPath } from './receiver-body.js';
import type { ApiRequest } from './request.js';

/** A span for each request, in the trace that the caller names in `traceparent` or in one of its own. */
export function traceRequest(request: Request, response: Response, next: NextFunction): void {
  const { span, context: within } = startSpanOf(request.headers, request.method, {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': request.method,
      'url.path': shownPath(request.originalUrl),
      'waypost.request.id': (request as ApiRequest).requestId,
    },
  });
  if (!span.isRecording()) return void context.with(within, next);
  (request as ApiRequest).traceId = span.spanContext().traceId;
  response.once('close', () => {
    const route = (request.route as { path?: string } | undefined)?.path;
    if (route !== undefined) span.updateName(`${request.method} ${route}`).setAttribute('http.route', route);
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(within, next);
}

import type { Request } from 'express';
import type { Actor } from '#contracts';

/** An HTTP request with what this api adds to it on its way to the controller. */
export interface ApiRequest extends Request {
  /** Given by the caller in `x-request-id` or made here; in every answer and log line. */
  requestId: string;
  /** Of the trace that the request belongs to, when it is traced. */
  traceId?: string;
  /** Set by the access guard; absent on public routes. */
  actor?: Actor;
  /** Hex SHA-256 of the body as it came; only computed for requests with an Idempotency-Key. */
  bodyHash?: string;
}

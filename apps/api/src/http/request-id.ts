import type { NextFunction, Response } from 'express';
import { v7 as uuidv7 } from 'uuid';
import type { ApiRequest } from './request.js';

/** What a caller may choose as its request id: short and safe in logs and headers. */
const ACCEPTED = /^[\w.:/+=-]{1,128}$/;

/** Gives every request an id, the caller's own when it sends a usable one, and says it in the answer. */
export function requestId(request: ApiRequest, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  request.requestId = typeof given === 'string' && ACCEPTED.test(given) ? given : uuidv7();
  response.setHeader('x-request-id', request.requestId);
  next();
}

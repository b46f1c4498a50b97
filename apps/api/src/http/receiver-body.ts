import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { errors } from '#contracts';
import { MAX_HOOK_BODY } from '#domain';
import { RECEIVER_PATH } from './receiver-path.js';

/** What is posted to a hook stays bytes, because its signature is over them; all else goes the way that is given. */
export function exceptHooks(others: RequestHandler[]): RequestHandler[] {
  const bytes = express.raw({ type: () => true, limit: MAX_HOOK_BODY });
  const take: RequestHandler = (request, response, next) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_HOOK_BODY) {
      next(errors.bodyTooLarge({ details: { limitBytes: MAX_HOOK_BODY } }));
      return;
    }
    bytes(request, response, (error?: unknown) => {
      // Without a body there are no bytes to read.
      if (!Buffer.isBuffer(request.body)) request.body = Buffer.alloc(0);
      next(error);
    });
  };
  return [
    (request, response, next) => (isForHook(request) ? take(request, response, next) : next()),
    ...others.map((handler): RequestHandler => {
      return (request: Request, response: Response, next: NextFunction) =>
        isForHook(request) ? next() : handler(request, response, next);
    }),
  ];
}

function isForHook({ method, path }: Request): boolean {
  return method === 'POST' && path.toLowerCase().startsWith(`${RECEIVER_PATH}/`);
}

/** The path as logs and traces may have it: the address of a hook is a secret. The query may name people. */
export function shownPath(originalUrl: string): string {
  const path = originalUrl.split('?', 1)[0]!;
  return path.toLowerCase().startsWith(`${RECEIVER_PATH}/`) ? `${RECEIVER_PATH}/***` : path;
}

import type { NextFunction, Request, Response } from 'express';
import { API_PREFIX } from './route-table.js';

/**
 * Operations as an older document of the API names them: below `/api`, without a version. Bodies and answers are those of
 * v1, so the request goes to the same route.
 */
export const olderOperations = `
POST /messages/text
POST /messages/image
POST /messages/video
POST /messages/document
POST /messages/location
POST /messages/contact
POST /messages/poll
POST /bulk/send
GET /bulk/batches
GET /bulk/batch/:batchId
POST /bulk/batch/:batchId/cancel
GET /groups/profile/:profileId
GET /groups/:groupId
POST /groups
PATCH /groups/:groupId
POST /groups/:groupId/participants/add
POST /groups/:groupId/participants/remove
POST /groups/:groupId/participants/promote
POST /groups/:groupId/participants/demote
POST /groups/:groupId/leave
GET /groups/:groupId/invite-link
GET /profiles
POST /profiles
GET /profiles/:id
DELETE /profiles/:id
POST /profiles/:id/connect
GET /profiles/:id/qr
POST /profiles/:id/disconnect
GET /contacts
POST /contacts
GET /contacts/:id
PATCH /contacts/:id
DELETE /contacts/:id
POST /contacts/:id/tags
GET /webhooks
POST /webhooks
DELETE /webhooks/:id
`
  .trim()
  .split('\n');

const known = olderOperations.map((operation) => {
  const [method = '', path = ''] = operation.split(' ');
  return { method, pattern: new RegExp(`^/api${path.replaceAll(/:[^/]+/g, '[^/?]+')}(?=\\?|$)`) };
});

/** Leads a path of the older document to its route in v1. */
export function olderPaths(request: Request, _response: Response, next: NextFunction): void {
  const isOlder = known.some(({ method, pattern }) => method === request.method && pattern.test(request.url));
  if (isOlder) request.url = API_PREFIX + request.url.slice('/api'.length);
  next();
}

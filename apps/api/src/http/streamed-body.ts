import type { Request } from 'express';
import { API_PREFIX } from './route-table.js';

/** Routes whose bodies are files: nothing is read of them before the handler reads, once it is known who asks. */
const streamed: readonly { method: string; path: RegExp; type: RegExp }[] = [
  { method: 'POST', path: /^\/uploads\/media\/?$/, type: /^multipart\/form-data\b/i },
  { method: 'POST', path: /^\/uploads\/?$/, type: /^application\/offset\+octet-stream$/ },
  { method: 'PATCH', path: /^\/uploads\/[^/]+\/?$/, type: /^application\/offset\+octet-stream$/ },
];

/** Whether the handler of the request reads its body itself, as it comes. */
export function isStreamed(request: Request): boolean {
  const path = request.path.startsWith(API_PREFIX) ? request.path.slice(API_PREFIX.length) : request.path;
  const type = request.headers['content-type'] ?? '';
  return streamed.some((one) => one.method === request.method && one.path.test(path) && one.type.test(type));
}

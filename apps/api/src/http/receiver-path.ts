import { API_PREFIX } from './route-table.js';

/** Below it lie the addresses of incoming hooks. What follows is a secret, and the body is not read before it is proven. */
export const RECEIVER_PATH = `${API_PREFIX}/hooks/in`;

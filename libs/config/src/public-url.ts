import type { Config } from './settings.js';

/** The address under which people reach the installation, without a slash at its end. */
export function publicUrlOf({ http }: Config): string {
  return (http.publicUrl ?? `http://localhost:${http.port}`).replace(/\/+$/, '');
}

import { once } from 'node:events';
import type { Server } from 'node:net';

/** Where to listen: `port` is what was asked for (0 for any), `preferred` what an earlier run had. */
export interface PortWish {
  port?: number;
  preferred?: number;
  /** The address to listen on; 127.0.0.1 when absent. */
  host?: string;
  /** The name or address that others reach it by; 127.0.0.1 when absent. */
  name?: string;
}

/** Listens. A port that was asked for must be free; a preferred one gives way to any other. */
export async function listen(
  server: Server,
  { port = 0, preferred = 0, host = '127.0.0.1' }: PortWish,
): Promise<number> {
  try {
    return await listenOn(server, port || preferred, host);
  } catch (error) {
    if (port || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return listenOn(server, 0, host);
  }
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return portOf(server);
}

export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === 'string' || address === null) throw new Error('the server is not listening');
  return address.port;
}

/** Stops listening and cuts what is still connected. Nothing happens when it never listened. */
export async function closeServer(server: Server & { closeAllConnections(): void }): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

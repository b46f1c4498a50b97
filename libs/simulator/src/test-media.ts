import { Agent, buildConnector } from 'undici';
import type { Simulator } from './simulator.js';

/**
 * For downloads without a host of their own: history and snapshots of settings name only a path, and clients fetch it from
 * `mmg.whatsapp.net`. Connections there go to the simulator's media host instead; the client itself is as it is.
 */
export function mediaDispatcher(simulator: Pick<Simulator, 'mediaUrl' | 'caPem'>): Agent {
  const { hostname, port } = new URL(simulator.mediaUrl);
  const connect = buildConnector({ ca: simulator.caPem });
  return new Agent({
    connect: (options, callback) =>
      connect({ ...options, hostname, host: `${hostname}:${port}`, port, servername: 'localhost' }, callback),
  });
}

/** What a Baileys socket must be given for it. */
export const downloadOptions = (dispatcher: Agent): RequestInit => ({ dispatcher }) as unknown as RequestInit;

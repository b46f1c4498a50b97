/** The public face of the Baileys adapter, imported as `#engine/baileys` by the process that holds connections. */
import type { Engine } from '../engine.js';
import type { EngineLogger } from './baileys-logger.js';
import { BaileysConnection } from './connection.js';
import { installConsoleFilter } from './libsignal/console-filter.js';
import { installJobContext } from './libsignal/job-context.js';
import { installSessionRestore } from './libsignal/session-restore.js';
import { networkAccess, type Sandbox } from './network-access.js';
import { assertKnownVersions } from './versions.js';

export type { EngineLogger, Sandbox };

export interface BaileysEngineOptions {
  /** Unset: the real WhatsApp. */
  sandbox?: Sandbox;
  logger: EngineLogger;
}

/**
 * An engine that speaks WhatsApp Web through Baileys. Installs the corrections of its libraries into this process, and
 * refuses to start with versions of them that it does not know.
 */
export function createBaileysEngine({ sandbox, logger }: BaileysEngineOptions): Engine {
  assertKnownVersions();
  installConsoleFilter();
  installSessionRestore();
  installJobContext();
  const network = networkAccess(sandbox);
  return {
    open: (options) => new BaileysConnection(options, network, logger.child({ profileId: options.profileId })),
  };
}

/** The public face of the Baileys adapter, imported as `#engine/baileys` by the process that holds connections. */
import { installCurve } from '#curve';
import type { Engine } from '../engine.js';
import { TransferSlots } from '../transfer-slots.js';
import type { EngineLogger } from './baileys-logger.js';
import { BaileysConnection } from './connection.js';
import { defaultHealthLimits, type HealthLimits } from './health/limits.js';
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
  /** When figures become findings, and how often something is done about them, where it differs from the usual. */
  health?: Partial<HealthLimits>;
  /** How many files all connections upload at once; unset: 16, of 512 MiB together. */
  uploads?: TransferSlots;
}

/**
 * An engine that speaks WhatsApp Web through Baileys. Installs the corrections of its libraries into this process, and
 * refuses to start with versions of them that it does not know.
 */
export function createBaileysEngine({ sandbox, logger, health, uploads }: BaileysEngineOptions): Engine {
  assertKnownVersions();
  installConsoleFilter();
  installSessionRestore();
  installJobContext();
  installCurve();
  const network = networkAccess(sandbox);
  const limits = { ...defaultHealthLimits, ...health };
  const slots = uploads ?? new TransferSlots({ atOnce: 16, bytes: 512 * 1024 * 1024 });
  return {
    open: (options) =>
      new BaileysConnection(options, network, logger.child({ profileId: options.profileId }), limits, slots),
  };
}

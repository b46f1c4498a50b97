import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '#config';
import type { Database, Sealer } from '#database';
import {
  ConnectionRecorder,
  ConnectionSettings,
  FactRecorder,
  factHandlers,
  IdentityLinker,
  Logger,
  MediaScans,
  MediaSettings,
  MessageRecorder,
  type OutboundClient,
  PresenceRecorder,
  ReceiptRecorder,
  TypingRecorder,
} from '#domain';
import { TransferSlots } from '#engine';
import { createBaileysEngine, type EngineLogger, type Sandbox } from '#engine/baileys';
import type { MediaStorage } from '#storage';
import { ConnectPacer } from './connect-pacer.js';
import { ConnectionSupervisor } from './connection-supervisor.js';
import { EngineFigures } from './engine-figures.js';
import { EngineMetrics } from './engine-metrics.js';
import type { ProfileParts } from './held-profile.js';
import {
  INTERNAL_SECRET,
  InternalController,
  InternalErrors,
  InternalGuard,
  ProbesController,
} from './internal.controller.js';
import { SandboxScreen } from './sandbox-screen.js';
import { watchTransfers } from './transfer-metrics.js';

const MIB = 1024 * 1024;

@Module({})
class EngineModule {}

/** The engine process: its internal endpoint over a supervisor. */
export function engineModule(config: Config, supervisor: ConnectionSupervisor, log: Logger): DynamicModule {
  return {
    module: EngineModule,
    controllers: [InternalController, ProbesController],
    providers: [
      { provide: Logger, useValue: log },
      { provide: ConnectionSupervisor, useValue: supervisor },
      { provide: INTERNAL_SECRET, useValue: config.secrets.internalSecret },
      InternalGuard,
      InternalErrors,
      EngineMetrics,
    ],
  };
}

/** What the profiles of this process share. */
export function profileParts(
  config: Config,
  parts: { db: Database; sealer: Sealer; storage: MediaStorage; outbound: OutboundClient; log: Logger },
): ProfileParts {
  const { db, sealer, storage, outbound, log } = parts;
  const { media } = config;
  const downloads = new TransferSlots({ atOnce: media.downloads, bytes: media.downloadMb * MIB });
  const uploads = new TransferSlots({ atOnce: media.uploads, bytes: media.uploadMb * MIB });
  const figures = new EngineFigures();
  watchTransfers(figures.registry, { downloads, uploads });
  return {
    db,
    sealer,
    storage,
    log,
    screen: config.sandbox.controlUrl ? new SandboxScreen(config.sandbox.controlUrl, log) : undefined,
    engine: createBaileysEngine({ sandbox: sandboxOf(config), logger: engineLogger(log), uploads }),
    recorders: {
      db,
      messages: new MessageRecorder(db, sealer),
      media: new MediaSettings(db),
      receipts: new ReceiptRecorder(db),
      identities: new IdentityLinker(db),
      typing: new TypingRecorder(db),
      presence: new PresenceRecorder(db),
      account: new FactRecorder(db, factHandlers),
    },
    connections: new ConnectionRecorder(db, sealer),
    settings: new ConnectionSettings({ db, sealer, outbound, deviceName: config.engine.deviceName }),
    pacer: new ConnectPacer(db, config.engine.connectsPerSecond),
    figures,
    transfers: downloads,
    scansReceived: MediaScans.open(config.scan).isOnForReceived,
  };
}

/** All three settings or none: half a sandbox would talk to the real WhatsApp, or to nobody. */
function sandboxOf({ sandbox: { url, rootKey, caFile } }: Config): Sandbox | undefined {
  if (!url && !rootKey && !caFile) return undefined;
  if (!url || !rootKey || !caFile) {
    throw new Error('Set all of WA_SANDBOX_URL, WA_SANDBOX_ROOT_KEY and WA_SANDBOX_CA_FILE, or none of them.');
  }
  return { url, rootKeyHex: rootKey, caFile };
}

/** The adapter's finest level is part of ours. */
function engineLogger(log: Logger): EngineLogger {
  return {
    child: (bindings) => engineLogger(log.child(bindings)),
    trace: () => undefined,
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error: (facts, message) => log.error(facts, message),
  };
}

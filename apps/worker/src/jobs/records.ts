import type { Config } from '#config';
import { type Database, Sealer } from '#database';
import {
  AuditChain,
  AuditSigner,
  ErasureRunner,
  ExportBuilder,
  type Logger,
  MediaPlaces,
  MediaSweeper,
  OutboundClient,
  RetentionEnforcer,
} from '#domain';
import type { JobProcessor } from '#queues';
import { EnforceRetentionProcessor } from './enforce-retention.processor.js';
import { PrivacyRequestsProcessor } from './privacy-requests.processor.js';
import { SweepMediaProcessor } from './sweep-media.processor.js';

/** The jobs that copy, keep and remove what organizations own, with the storage that they work on. */
export interface Records {
  processors: JobProcessor[];
  /** Long work ends after its present step; the next worker goes on. */
  stop(): void;
  /** After the jobs have ended, before the database is closed. */
  close(): Promise<void>;
}

export async function openRecords(config: Config, db: Database, log: Logger): Promise<Records> {
  const sealer = Sealer.open(db, config.secrets);
  const outbound = OutboundClient.open({ allowedRanges: config.outbound.allowedRanges });
  const storage = await MediaPlaces.open({ db, sealer, outbound }, config.storage.dataDir);
  const chain = new AuditChain(db, AuditSigner.open(config.secrets));
  let stopping = false;
  const isStopping = () => stopping;
  return {
    processors: [
      new PrivacyRequestsProcessor(
        new ExportBuilder(db, storage, log),
        new ErasureRunner({ db, storage, chain }, log),
        isStopping,
      ),
      new EnforceRetentionProcessor(new RetentionEnforcer({ db, storage, chain, log }), isStopping),
      new SweepMediaProcessor(new MediaSweeper(db, storage), isStopping),
    ],
    stop: () => {
      stopping = true;
    },
    close: async () => {
      storage.close();
      await outbound.close();
    },
  };
}

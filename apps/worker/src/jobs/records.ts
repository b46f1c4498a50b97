import type { Config } from '#config';
import { type Database, Sealer } from '#database';
import {
  Allowances,
  AuditChain,
  AuditSigner,
  ErasureRunner,
  ExportBuilder,
  FileInspector,
  FileTaker,
  ImportRunner,
  KnownFiles,
  type Logger,
  MediaLinks,
  MediaPlaces,
  MediaPreparer,
  MediaScans,
  MediaSweeper,
  OutboundClient,
  RetentionEnforcer,
  Scratch,
  UploadAssembler,
  Uploads,
  UploadTender,
  UploadWork,
} from '#domain';
import type { JobProcessor } from '#queues';
import type { MediaStorage } from '#storage';
import type { BackgroundWork } from '../background-host.js';
import { openHooks } from '../hooks.js';
import { EnforceRetentionProcessor } from './enforce-retention.processor.js';
import { PrivacyRequestsProcessor } from './privacy-requests.processor.js';
import { SweepMediaProcessor } from './sweep-media.processor.js';
import { TendUploadsProcessor } from './tend-uploads.processor.js';

/** The jobs and the background work on files of organizations: copies, imports, removal, with the storage they work on. */
export interface Records {
  /** Where the files of organizations are. */
  storage: MediaStorage;
  processors: JobProcessor[];
  works: BackgroundWork[];
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
  const scans = MediaScans.open(config.scan);
  const { ffmpegPath, workers: atOnce } = config.media;
  const preparer = await MediaPreparer.open({ ffmpegPath, atOnce });
  const scratch = await Scratch.open(config.storage.dataDir);
  const inspector = new FileInspector({ db, storage, scans, preparer, scratch, log });
  const taker = new FileTaker(storage);
  const allowances = new Allowances(db, config.uploads);
  const uploads = new Uploads({ db, storage, taker, allowances, scans, inspector });
  const assembler = new UploadAssembler({ db, storage, taker, uploads, inspector, log });
  const links = new MediaLinks(config.secrets.encryptionKey);
  const known = new KnownFiles({ db, storage, links, allowances, scans });
  const hooks = openHooks(config, db, log, { storage, outbound, preparer, scratch, known });
  const tender = new UploadTender({ db, storage, maxStoredBytes: allowances.defaultStoredBytes });
  let stopping = false;
  const isStopping = () => stopping;
  return {
    storage,
    processors: [
      new PrivacyRequestsProcessor(
        new ExportBuilder(db, storage, log),
        new ErasureRunner({ db, storage, chain }, log),
        isStopping,
      ),
      new EnforceRetentionProcessor(new RetentionEnforcer({ db, storage, chain, log }), isStopping),
      new SweepMediaProcessor(new MediaSweeper(db, storage), isStopping),
      new TendUploadsProcessor(tender, isStopping),
    ],
    works: [new ImportRunner(db, storage, log), hooks, new UploadWork({ db, log, assembler, inspector })],
    stop: () => {
      stopping = true;
    },
    close: async () => {
      storage.close();
      await outbound.close();
    },
  };
}

import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import {
  Allowances,
  FileInspector,
  FileTaker,
  KnownFiles,
  Logger,
  MediaLinks,
  MediaPreparer,
  MediaScans,
  ResumableUploads,
  Scratch,
  UploadAssembler,
  Uploads,
} from '#domain';
import { MediaStorage } from '#storage';
import { CONFIG } from '../http/config.js';

/** What the controllers of uploads ask for, and what everything asks that takes or gives out files. */
export const uploadProviders: Provider[] = [
  {
    provide: MediaLinks,
    inject: [CONFIG],
    useFactory: ({ secrets }: Config) => new MediaLinks(secrets.encryptionKey),
  },
  { provide: MediaScans, inject: [CONFIG], useFactory: ({ scan }: Config) => MediaScans.open(scan) },
  { provide: Scratch, inject: [CONFIG], useFactory: ({ storage }: Config) => Scratch.open(storage.dataDir) },
  {
    provide: Allowances,
    inject: [Database, CONFIG],
    useFactory: (db: Database, { uploads }: Config) => new Allowances(db, uploads),
  },
  {
    provide: KnownFiles,
    inject: [Database, MediaStorage, MediaLinks, Allowances, MediaScans],
    useFactory: (db: Database, storage: MediaStorage, links: MediaLinks, allowances: Allowances, scans: MediaScans) =>
      new KnownFiles({ db, storage, links, allowances, scans }),
  },
  {
    provide: FileInspector,
    inject: [Database, MediaStorage, MediaScans, MediaPreparer, Scratch, Logger],
    useFactory: (
      db: Database,
      storage: MediaStorage,
      scans: MediaScans,
      preparer: MediaPreparer,
      scratch: Scratch,
      log: Logger,
    ) => new FileInspector({ db, storage, scans, preparer, scratch, log }),
  },
  {
    provide: FileTaker,
    inject: [MediaStorage],
    useFactory: (storage: MediaStorage) => new FileTaker(storage),
  },
  {
    provide: Uploads,
    inject: [Database, MediaStorage, FileTaker, Allowances, MediaScans, FileInspector],
    useFactory: (
      db: Database,
      storage: MediaStorage,
      taker: FileTaker,
      allowances: Allowances,
      scans: MediaScans,
      inspector: FileInspector,
    ) => new Uploads({ db, storage, taker, allowances, scans, inspector }),
  },
  {
    provide: UploadAssembler,
    inject: [Database, MediaStorage, FileTaker, Uploads, FileInspector, Logger],
    useFactory: (
      db: Database,
      storage: MediaStorage,
      taker: FileTaker,
      uploads: Uploads,
      inspector: FileInspector,
      log: Logger,
    ) => new UploadAssembler({ db, storage, taker, uploads, inspector, log }),
  },
  {
    provide: ResumableUploads,
    inject: [Database, MediaStorage, Allowances, UploadAssembler, CONFIG],
    useFactory: (
      db: Database,
      storage: MediaStorage,
      allowances: Allowances,
      assembler: UploadAssembler,
      { uploads: { expiryHours } }: Config,
    ) => new ResumableUploads({ db, storage, allowances, assembler, expiryHours }),
  },
];

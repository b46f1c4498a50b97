import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import {
  Batches,
  BulkSender,
  ConversationNotes,
  ConversationStates,
  Conversations,
  ConversationWork,
  EngineGateway,
  KnownFiles,
  LinkPreviews,
  MediaIntake,
  MediaLinks,
  MediaPreparer,
  MediaReader,
  MediaScans,
  MediaSettings,
  MessageActions,
  MessageDetails,
  MessageForwarder,
  MessageHistory,
  MessageMarks,
  MessageSearcher,
  MessageSender,
  OutboundClient,
  Scratch,
  TypingSignals,
} from '#domain';
import { MediaStorage } from '#storage';
import { BulkContents } from '../bulk/bulk-contents.js';
import { CONFIG } from '../http/config.js';
import { StateWatch } from './await-state.js';
import { SendAnswers } from './send-answers.js';
import { SingleSends } from './single-sends.js';

const expiry = (config: Config) => ({ expiryMs: config.engine.sendExpiryHours * 3_600_000 });

/** What the controllers of messages, conversations and bulk ask for. */
export const messagingProviders: Provider[] = [
  MessageHistory,
  MessageDetails,
  { provide: MediaSettings, inject: [Database], useFactory: (db: Database) => new MediaSettings(db) },
  {
    provide: MediaReader,
    inject: [Database, MediaStorage, MediaLinks, MediaScans],
    useFactory: (db: Database, storage: MediaStorage, links: MediaLinks, scans: MediaScans) =>
      new MediaReader({ db, storage, links, scans }),
  },
  Conversations,
  {
    provide: ConversationStates,
    inject: [Database, Conversations, EngineGateway],
    useFactory: (db: Database, conversations: Conversations, gateway: EngineGateway) =>
      new ConversationStates(db, conversations, gateway),
  },
  { provide: ConversationWork, inject: [Database], useFactory: (db: Database) => new ConversationWork(db) },
  { provide: ConversationNotes, inject: [Database], useFactory: (db: Database) => new ConversationNotes(db) },
  {
    provide: MessageMarks,
    inject: [Database, MessageHistory, EngineGateway],
    useFactory: (db: Database, history: MessageHistory, gateway: EngineGateway) =>
      new MessageMarks(db, history, gateway),
  },
  {
    provide: MessageSearcher,
    inject: [Database],
    useFactory: (db: Database) => new MessageSearcher(db),
  },
  TypingSignals,
  Batches,
  StateWatch,
  SendAnswers,
  SingleSends,
  {
    provide: MediaPreparer,
    inject: [CONFIG],
    useFactory: ({ media }: Config) => MediaPreparer.open({ ffmpegPath: media.ffmpegPath, atOnce: media.workers }),
  },
  {
    provide: MediaIntake,
    inject: [MediaStorage, OutboundClient, MediaPreparer, Scratch, KnownFiles],
    useFactory: (
      storage: MediaStorage,
      outbound: OutboundClient,
      preparer: MediaPreparer,
      scratch: Scratch,
      known: KnownFiles,
    ) => new MediaIntake({ storage, outbound, preparer, scratch, known }),
  },
  {
    provide: LinkPreviews,
    inject: [OutboundClient, CONFIG],
    useFactory: (client: OutboundClient, { outbound }: Config) => new LinkPreviews(client, outbound.linkPreviews),
  },
  {
    provide: MessageSender,
    inject: [Database, MediaIntake, CONFIG],
    useFactory: (db: Database, intake: MediaIntake, config: Config) => new MessageSender(db, intake, expiry(config)),
  },
  {
    provide: MessageForwarder,
    inject: [Database, MessageSender],
    useFactory: (db: Database, sender: MessageSender) => new MessageForwarder(db, sender),
  },
  {
    provide: MessageActions,
    inject: [Database, CONFIG],
    useFactory: (db: Database, config: Config) => new MessageActions(db, expiry(config)),
  },
  BulkContents,
  {
    provide: BulkSender,
    inject: [Database, MediaIntake, CONFIG],
    useFactory: (db: Database, intake: MediaIntake, config: Config) => new BulkSender(db, intake, expiry(config)),
  },
];

import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import {
  Batches,
  BulkSender,
  ConversationStates,
  Conversations,
  EngineGateway,
  LinkPreviews,
  MediaIntake,
  MediaLinks,
  MediaPreparer,
  MediaReader,
  MediaSettings,
  MessageActions,
  MessageDetails,
  MessageHistory,
  MessageMarks,
  MessageSender,
  OutboundClient,
  Scratch,
  TypingSignals,
} from '#domain';
import { MediaStorage } from '#storage';
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
    inject: [Database, MediaStorage, CONFIG],
    useFactory: (db: Database, storage: MediaStorage, { secrets }: Config) =>
      new MediaReader({ db, storage, links: new MediaLinks(secrets.encryptionKey) }),
  },
  Conversations,
  {
    provide: ConversationStates,
    inject: [Database, Conversations, EngineGateway],
    useFactory: (db: Database, conversations: Conversations, gateway: EngineGateway) =>
      new ConversationStates(db, conversations, gateway),
  },
  {
    provide: MessageMarks,
    inject: [Database, MessageHistory, EngineGateway],
    useFactory: (db: Database, history: MessageHistory, gateway: EngineGateway) =>
      new MessageMarks(db, history, gateway),
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
    inject: [MediaStorage, OutboundClient, MediaPreparer, CONFIG],
    useFactory: async (
      storage: MediaStorage,
      outbound: OutboundClient,
      preparer: MediaPreparer,
      { storage: { dataDir } }: Config,
    ) => new MediaIntake({ storage, outbound, preparer, scratch: await Scratch.open(dataDir) }),
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
    provide: MessageActions,
    inject: [Database, CONFIG],
    useFactory: (db: Database, config: Config) => new MessageActions(db, expiry(config)),
  },
  {
    provide: BulkSender,
    inject: [Database, MediaIntake, CONFIG],
    useFactory: (db: Database, intake: MediaIntake, config: Config) => new BulkSender(db, intake, expiry(config)),
  },
];

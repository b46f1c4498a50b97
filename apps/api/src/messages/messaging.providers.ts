import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import { Batches, BulkSender, Conversations, MediaIntake, MessageHistory, MessageSender, TypingSignals } from '#domain';
import { CONFIG } from '../http/config.js';
import { StateWatch } from './await-state.js';
import { SendAnswers } from './send-answers.js';

const expiry = (config: Config) => ({ expiryMs: config.engine.sendExpiryHours * 3_600_000 });

/** What the controllers of messages, conversations and bulk ask for. */
export const messagingProviders: Provider[] = [
  MediaIntake,
  MessageHistory,
  Conversations,
  TypingSignals,
  Batches,
  StateWatch,
  SendAnswers,
  {
    provide: MessageSender,
    inject: [Database, MediaIntake, CONFIG],
    useFactory: (db: Database, intake: MediaIntake, config: Config) => new MessageSender(db, intake, expiry(config)),
  },
  {
    provide: BulkSender,
    inject: [Database, MediaIntake, CONFIG],
    useFactory: (db: Database, intake: MediaIntake, config: Config) => new BulkSender(db, intake, expiry(config)),
  },
];

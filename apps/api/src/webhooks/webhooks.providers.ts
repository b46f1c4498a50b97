import type { Provider } from '@nestjs/common';
import { type Config, publicUrlOf } from '#config';
import { Database, Sealer } from '#database';
import {
  MediaLinks,
  OutboundClient,
  WebhookBodies,
  WebhookCaller,
  WebhookLog,
  WebhookMediaLinks,
  WebhookStatistics,
  Webhooks,
} from '#domain';
import { CONFIG } from '../http/config.js';

/** What the controllers of webhooks ask for. */
export const webhookProviders: Provider[] = [
  {
    provide: Webhooks,
    inject: [Database, Sealer, OutboundClient, CONFIG],
    useFactory: (db: Database, sealer: Sealer, client: OutboundClient, config: Config) =>
      new Webhooks(db, sealer, client, new WebhookCaller(client, sealer, config.outbound.webhookTimeoutSeconds * 1000)),
  },
  {
    provide: WebhookLog,
    inject: [Database, CONFIG],
    useFactory: (db: Database, config: Config) => {
      const links = new WebhookMediaLinks(new MediaLinks(config.secrets.encryptionKey), publicUrlOf(config));
      return new WebhookLog(db, new WebhookBodies(db, links));
    },
  },
  { provide: WebhookStatistics, inject: [Database], useFactory: (db: Database) => new WebhookStatistics(db) },
];

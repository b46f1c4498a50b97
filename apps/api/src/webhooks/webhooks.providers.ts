import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database, Sealer } from '#database';
import { OutboundClient, WebhookCaller, Webhooks } from '#domain';
import { CONFIG } from '../http/config.js';

/** What the controller of webhooks asks for. */
export const webhookProviders: Provider[] = [
  {
    provide: Webhooks,
    inject: [Database, Sealer, OutboundClient, CONFIG],
    useFactory: (db: Database, sealer: Sealer, client: OutboundClient, config: Config) =>
      new Webhooks(db, sealer, client, new WebhookCaller(client, sealer, config.outbound.webhookTimeoutSeconds * 1000)),
  },
];

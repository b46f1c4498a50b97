import { type DynamicModule, Module } from '@nestjs/common';
import { type Config, publicUrlOf } from '#config';
import { type Database, Sealer } from '#database';
import {
  AuditChain,
  AuditSealer,
  AuditSigner,
  BroadcastRunner,
  DeliveryPlanner,
  DisableNotices,
  GuessGuard,
  KeywordListener,
  LinkMails,
  type Logger,
  MailDeliverer,
  MailOutbox,
  MailRequests,
  MediaLinks,
  OptOutLinks,
  OutboundClient,
  ScheduledSender,
  SmtpSettings,
  WebhookBodies,
  WebhookCaller,
  WebhookDeliverer,
  WebhookMediaLinks,
  WebhookRedeliverer,
} from '#domain';
import { type prepareBackend, queuesModule } from '#queues';
import { BackgroundHost, type BackgroundWork } from './background-host.js';
import { DeliveryHost } from './delivery/delivery-host.js';
import { EnsurePartitionsProcessor } from './jobs/ensure-partitions.processor.js';
import { ExpireSendsProcessor } from './jobs/expire-sends.processor.js';
import type { Records } from './jobs/records.js';
import { SweepExpiredProcessor } from './jobs/sweep-expired.processor.js';
import { WakeSnoozedProcessor } from './jobs/wake-snoozed.processor.js';

@Module({})
class WorkerModule {}

/** The list of what the worker does. A new job adds its processor here. */
export function workerModule(
  config: Config,
  db: Database,
  log: Logger,
  connection: Awaited<ReturnType<typeof prepareBackend>>,
  records: Records,
): DynamicModule {
  const sealer = Sealer.open(db, config.secrets);
  const { allowedRanges, webhookTimeoutSeconds, webhookConcurrency } = config.outbound;
  const timeoutMs = webhookTimeoutSeconds * 1000;
  const chain = new AuditChain(db, AuditSigner.open(config.secrets));
  return {
    module: WorkerModule,
    imports: [
      queuesModule({
        connection,
        log,
        processors: [
          new EnsurePartitionsProcessor(db),
          new SweepExpiredProcessor(db),
          new ExpireSendsProcessor(db),
          new WakeSnoozedProcessor(db),
          ...records.processors,
        ],
      }),
    ],
    providers: [
      DeliveryHost,
      {
        provide: BackgroundHost,
        inject: [MailDeliverer, MailRequests, AuditSealer, BroadcastRunner, KeywordListener, ScheduledSender],
        useFactory: (...works: BackgroundWork[]) => new BackgroundHost([...works, ...records.works]),
      },
      {
        provide: MailRequests,
        useFactory: () => {
          const mails = new LinkMails(publicUrlOf(config));
          return new MailRequests({ db, outbox: new MailOutbox(sealer), mails, guesses: new GuessGuard(db), log });
        },
      },
      {
        provide: BroadcastRunner,
        useFactory: () => {
          const links = new OptOutLinks(config.secrets.encryptionKey, publicUrlOf(config));
          const expiryMs = config.engine.sendExpiryHours * 3_600_000;
          return new BroadcastRunner({ db, log, links, storage: records.storage, expiryMs });
        },
      },
      {
        provide: KeywordListener,
        useFactory: () => new KeywordListener(db, log, { expiryMs: config.engine.sendExpiryHours * 3_600_000 }),
      },
      {
        provide: ScheduledSender,
        useFactory: () => new ScheduledSender({ db, log, expiryMs: config.engine.sendExpiryHours * 3_600_000 }),
      },
      { provide: AuditSealer, useFactory: () => new AuditSealer(db, chain, log) },
      {
        provide: MailDeliverer,
        inject: [OutboundClient],
        useFactory: (outbound: OutboundClient) => {
          const environment = { url: config.mail.smtpUrl, from: config.mail.from };
          const smtp = new SmtpSettings({ db, sealer, outbound, environment });
          return new MailDeliverer({ db, sealer, smtp, outbound, log });
        },
      },
      { provide: OutboundClient, useFactory: () => OutboundClient.open({ allowedRanges }) },
      {
        provide: WebhookDeliverer,
        inject: [OutboundClient],
        useFactory: (client: OutboundClient) => {
          const publicUrl = publicUrlOf(config);
          const links = new WebhookMediaLinks(new MediaLinks(config.secrets.encryptionKey), publicUrl);
          const parts = {
            ...{ db, log, caller: new WebhookCaller(client, sealer, timeoutMs), bodies: new WebhookBodies(db, links) },
            notices: new DisableNotices({ db, outbox: new MailOutbox(sealer), publicUrl }),
          };
          return new WebhookDeliverer(parts, { concurrency: webhookConcurrency, timeoutMs });
        },
      },
      { provide: WebhookRedeliverer, useFactory: () => new WebhookRedeliverer(db, log) },
      {
        provide: DeliveryPlanner,
        inject: [WebhookDeliverer],
        useFactory: (deliverer: WebhookDeliverer) =>
          new DeliveryPlanner(db, log, {
            onPlanned: (webhookIds) => deliverer.expect(webhookIds),
            direct: deliverer.direct,
          }),
      },
    ],
  };
}

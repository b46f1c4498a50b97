import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type Backlog, type Database, readBacklog } from '#database';
import { databaseMetrics } from '#domain';
import type { JobWatch } from '#queues';

const backlogFigures: { of: keyof Backlog; name: string; help: string }[] = [
  { of: 'sends', name: 'waypost_sends_waiting', help: 'Messages that remain to be sent, up to 100,000.' },
  { of: 'dueSends', name: 'waypost_sends_due', help: 'Messages that remain to be sent and whose time has come.' },
  { of: 'oldestDueSeconds', name: 'waypost_sends_oldest_due_seconds', help: 'How long the oldest due message waits.' },
  { of: 'webhookDeliveries', name: 'waypost_webhook_deliveries_waiting', help: 'Webhook deliveries not done yet.' },
  { of: 'queuedMails', name: 'waypost_mails_waiting', help: 'Mails that remain to be sent.' },
  { of: 'heldMails', name: 'waypost_mails_held', help: 'Mails that wait for a mail server to be set.' },
];

/** What Prometheus reads of a worker process: the process itself, and what waits in the whole installation. */
export class WorkerMetrics {
  private readonly registry = new Registry();
  private readonly backlog = new Map(
    backlogFigures.map(({ of, name, help }) => [of, new Gauge({ name, help, registers: [this.registry] })]),
  );
  private readonly jobs = new Gauge({
    name: 'waypost_jobs',
    help: 'Recurring jobs by state in their queue.',
    labelNames: ['state'],
    registers: [this.registry],
  });
  private readonly overdue = new Gauge({
    name: 'waypost_jobs_overdue_seconds',
    help: 'How long the turn of a recurring job is overdue.',
    registers: [this.registry],
  });

  constructor(
    private readonly db: Database,
    private readonly watch: JobWatch,
  ) {
    collectDefaultMetrics({ register: this.registry });
    databaseMetrics(this.registry, db);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** @throws what the database or the queue throws when it is away */
  async read(): Promise<string> {
    const [backlog, { counts, overdueMs }] = await Promise.all([readBacklog(this.db), this.watch.look()]);
    for (const [of, gauge] of this.backlog) gauge.set(backlog[of]);
    for (const [state, count] of Object.entries(counts)) this.jobs.set({ state }, count);
    this.overdue.set((overdueMs ?? 0) / 1000);
    return this.registry.metrics();
  }
}

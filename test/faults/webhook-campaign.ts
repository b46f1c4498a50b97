import { setTimeout as pause } from 'node:timers/promises';
import { type NewEvent, newId } from '#contracts';
import { appendEvents, Database } from '#database';
import { Simulator } from '#simulator';
import { WaypostProcesses } from '#testing';
import { OrderedReceiver, type ReceiverFaults } from './ordered-receiver.js';
import { PatientClient } from './patient-client.js';
import { SeededRandom } from './random.js';

export interface WebhookCampaignOptions {
  seed: number;
  events: number;
  profiles: number;
  conversationsEach: number;
  kills: number;
  /** Longest wait between two kills, milliseconds. */
  gapMs: number;
  /** How long the rest may take after the last kill, milliseconds. */
  patienceMs: number;
  log?(line: string): void;
}

/** Three ledgers of the same events, and what does not agree. */
export interface WebhookVerdict extends ReceiverFaults {
  /** Events that the database has. */
  written: number;
  /** Events that the writer knows to be committed and the database has not. */
  writtenLost: number;
  /** Events without a delivery, with more than one, or with one that did not succeed. */
  recordedWrong: number;
  /** Events that the receivers accepted. */
  received: number;
  /** Repeats under the same id, which receivers drop: counted, not faults. */
  harmlessRepeats: number;
  refused: number;
  kills: number;
}

/** Events that have not been accepted are given another chance so often, milliseconds. */
const wellAgainMs = 10_000;
/** Events of one transaction. */
const batch = 100;

/**
 * Writes events into the log while workers and the database are killed and receivers misbehave, then compares what was
 * written, what the deliveries say and what the receivers accepted.
 */
export class WebhookCampaign {
  private readonly random: SeededRandom;
  private readonly confirmed: string[] = [];
  private readonly receivers: OrderedReceiver[] = [];
  private waypost: WaypostProcesses;
  private db: Database;
  private client: PatientClient;
  private organizationId = '';
  private profiles: { id: string; webhookId: string; receiver: OrderedReceiver; conversations: string[] }[] = [];
  private readonly numbers = new Map<string, number>();
  private isWriting = true;
  private wellAgain = 0;

  constructor(private readonly options: WebhookCampaignOptions) {
    this.random = new SeededRandom(options.seed);
  }

  async run(): Promise<WebhookVerdict> {
    const simulator = await Simulator.start({ logLimit: 0 });
    this.waypost = await WaypostProcesses.start(simulator, { WEBHOOK_TIMEOUT_SECONDS: '2' });
    try {
      this.db = await this.openDatabase();
      await this.prepare();
      const writing = this.write().finally(() => {
        this.isWriting = false;
      });
      const kills = await this.killWhileWriting();
      await writing;
      return await this.reconcile(kills);
    } catch (problem) {
      this.options.log?.(this.waypost.output.slice(-6000));
      throw problem;
    } finally {
      await this.db?.close();
      await this.waypost.stop();
      await Promise.all(this.receivers.map((receiver) => receiver.close()));
      await simulator.stop();
    }
  }

  private openDatabase(): Promise<Database> {
    return Database.open({ url: this.waypost.databaseUrl, poolSize: 4 } as never, 'webhook campaign', {
      warn: () => undefined,
    });
  }

  private async prepare(): Promise<void> {
    const anonymous = new PatientClient(() => this.waypost.url);
    const registered = await anonymous.post<{ accessToken: string; user: { organizationId: string } }>(
      '/auth/register',
      {
        ...{ email: 'owner@example.com', password: 'a long enough passphrase', name: 'Owner' },
        organizationName: 'Webhook campaign',
      },
    );
    this.organizationId = registered.data.user.organizationId;
    this.client = anonymous.as({ authorization: `Bearer ${registered.data.accessToken}` });
    const key = await this.client.post<{ key: string }>('/api-keys', { name: 'campaign', permissions: ['*'] });
    this.client = anonymous.as({ 'x-api-key': key.data.key });
    const [workspace] = (await this.client.get<{ id: string }[]>('/workspaces')).data;
    for (let index = 0; index < this.options.profiles; index++) {
      const { data: profile } = await this.client.post<{ id: string }>('/profiles', {
        ...{ workspaceId: workspace!.id, name: `Number ${index}` },
      });
      const receiver = await OrderedReceiver.start(this.random, 0.01);
      this.receivers.push(receiver);
      const events = ['message.received'];
      const { data } = await this.client.post<{ id: string }>('/webhooks', {
        profileId: profile.id,
        url: receiver.url,
        events,
      });
      const conversations = Array.from({ length: this.options.conversationsEach }, () => newId<string>());
      this.profiles.push({ id: profile.id, webhookId: data.id, receiver, conversations });
    }
  }

  private async write(): Promise<void> {
    const { events: total, kills, gapMs } = this.options;
    // Spread over the faults.
    const paceMs = (0.6 * kills * gapMs * batch) / total;
    for (let written = 0; written < total; written += batch) {
      await pause(paceMs);
      const profile = this.profiles[(written / batch) % this.profiles.length]!;
      const count = Math.min(batch, total - written);
      const events = Array.from({ length: count }, () => {
        return this.event(
          profile.id,
          profile.conversations[Math.floor(this.random.next() * profile.conversations.length)]!,
        );
      });
      await this.commit(events);
    }
  }

  private event(profileId: string, conversationId: string): NewEvent {
    const number = (this.numbers.get(conversationId) ?? 0) + 1;
    this.numbers.set(conversationId, number);
    const chatId = '15550200000@s.whatsapp.net';
    return {
      ...{ organizationId: this.organizationId, profileId, conversationId },
      name: 'message.received',
      actor: { kind: 'whatsapp' },
      payload: {
        ...{ messageId: newId(), waMessageId: newId(), conversationId, chatId, quotedWaMessageId: null },
        chat: { kind: 'user', id: chatId, name: null },
        from: { personId: null, phone: '15550200000', lid: null, name: 'Contact' },
        content: { kind: 'text', text: `${conversationId} ${number}` },
        sentAt: new Date().toISOString(),
      },
    };
  }

  /** Until it is certain: after a commit whose outcome is unknown it is looked up whether it is there. */
  private async commit(events: NewEvent[]): Promise<void> {
    const [first] = events as NewEvent<'message.received'>[];
    for (let isSure = true; ; isSure = false) {
      try {
        const isThere = !isSure && (await this.isWritten(first!));
        if (!isThere) await this.db.system((tx) => appendEvents(tx, events));
        for (const { payload } of events as NewEvent<'message.received'>[]) {
          this.confirmed.push(payload.content.kind === 'text' ? payload.content.text : '');
        }
        return;
      } catch {
        await pause(100);
      }
    }
  }

  private async isWritten({ profileId, payload }: NewEvent<'message.received'>): Promise<boolean> {
    const rows = await this.db.query(
      `select 1 from events where stream_id = $1 and id >= $2 and payload ->> 'messageId' = $3 limit 1`,
      [profileId, payload.messageId, payload.messageId],
    );
    return rows.length > 0;
  }

  private async killWhileWriting(): Promise<number> {
    let kills = 0;
    for (; kills < this.options.kills; kills++) {
      await pause(this.random.between(0.2, 1) * this.options.gapMs);
      const victim = this.random.pick([
        ['worker', 6],
        ['postgres', 2],
        ['receiver', 2],
      ] as const);
      this.options.log?.(`fault ${kills + 1}/${this.options.kills}: ${victim}; ${this.accepted()} accepted`);
      if (victim !== 'receiver') this.waypost.kill(victim);
      else {
        const away = this.random.pick(this.receivers.map((receiver) => [receiver, 1] as const));
        away.leave();
        setTimeout(() => away.comeBack(), 500);
      }
    }
    return kills;
  }

  /**
   * What failed by an absent endpoint and then by a bad answer waits for five minutes, as it should: the operator says that
   * the endpoints are well, which brings every try forward.
   */
  private async sayWellAgain(): Promise<void> {
    const said = this.wellAgain++;
    for (const { webhookId, receiver } of this.profiles) {
      await this.client.put(`/webhooks/${webhookId}`, { url: `${receiver.url}well-again-${said}` });
    }
  }

  /** What is queued, and when each lane is tried next. */
  private open(): Promise<{ lane: string; queued: number; attempts: number; claimed: boolean; dueInMs: number }[]> {
    return this.db.query(
      `select ordering_key as lane, count(q.*) as queued, coalesce(max(q.attempts), 0) as attempts,
              l.claim is not null as claimed, (extract(epoch from l.due_at - now()) * 1000)::int as "dueInMs"
         from webhook_lanes l full join webhook_queue q using (webhook_id, ordering_key)
        group by webhook_id, ordering_key, l.claim, l.due_at order by count(q.*) desc`,
    );
  }

  private accepted(): number {
    return this.receivers.reduce((sum, receiver) => sum + receiver.accepted, 0);
  }

  private async reconcile(kills: number): Promise<WebhookVerdict> {
    while (this.isWriting) await pause(50);
    for (const receiver of this.receivers) receiver.comeBack();
    const deadline = performance.now() + this.options.patienceMs;
    for (let saidAt = Number.NEGATIVE_INFINITY; performance.now() < deadline; await pause(200)) {
      const open = await this.open();
      if (open.length === 0 && this.accepted() >= this.options.events) break;
      if (performance.now() - saidAt < wellAgainMs) continue;
      saidAt = performance.now();
      this.options.log?.(`${this.accepted()} accepted, ${open.length} lanes open`);
      await this.sayWellAgain();
    }
    const left = await this.open();
    if (left.length > 0) this.options.log?.(`left open: ${JSON.stringify(left.slice(0, 20))}`);
    const [ledger] = await this.db.query<{ written: number; wrong: number }>(
      `with written as (
         select e.id from events e join webhooks w on w.profile_id = e.profile_id
          where e.name = 'message.received' and e.organization_id = $1
       ), recorded as (
         select event_id as id, count(*) as count, bool_and(state = 'succeeded') as good
           from webhook_deliveries where organization_id = $1 group by event_id
       )
       select (select count(*) from written) as written,
              (select count(*) from written full join recorded using (id)
                where recorded.count is distinct from 1 or not recorded.good) as wrong`,
      [this.organizationId],
    );
    const there = await this.db.query<{ text: string }>(
      `select payload #>> '{content,text}' as text from events where name = 'message.received' and organization_id = $1`,
      [this.organizationId],
    );
    const texts = new Set(there.map(({ text }) => text));
    return {
      written: ledger!.written,
      writtenLost: this.confirmed.filter((text) => !texts.has(text)).length,
      recordedWrong: ledger!.wrong,
      received: this.accepted(),
      outOfOrder: this.receivers.flatMap(({ faults }) => faults.outOfOrder.slice(0, 20)),
      doubled: this.receivers.flatMap(({ faults }) => faults.doubled.slice(0, 20)),
      harmlessRepeats: this.receivers.reduce((sum, { repeats }) => sum + repeats, 0),
      refused: this.receivers.reduce((sum, { refused }) => sum + refused, 0),
      kills,
    };
  }
}

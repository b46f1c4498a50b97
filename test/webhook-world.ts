import type { EventName, EventPayloads, NewEvent } from '#contracts';
import { appendEvents, Database } from '#database';
import {
  ApiClient,
  buildProfile,
  type ConfigOverrides,
  createTestDatabase,
  type Registered,
  type TestDatabase,
} from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';

/** An api and a worker without an engine: events come straight into the log. */
export class WebhookWorld {
  private constructor(
    private readonly database: TestDatabase,
    readonly db: Database,
    readonly api: RunningApi,
    private readonly worker: RunningWorker,
    readonly owner: Registered,
  ) {}

  static async start(overrides: ConfigOverrides = {}): Promise<WebhookWorld> {
    const database = await createTestDatabase({ outbound: { allowedRanges: ['127.0.0.1/32'] }, ...overrides });
    const db = await Database.open(database.config.database, 'webhooks spec', { warn: () => undefined });
    const api = await startApi(database.config);
    const worker = await startWorker(database.config);
    return new WebhookWorld(database, db, api, worker, await ApiClient.register(api.url));
  }

  /** A profile of the owner's organization. */
  async profile(): Promise<string> {
    const [account] = (await this.owner.client.get('/accounts')).body.data;
    const { organizationId, userId } = this.owner;
    const parents = { organizationId, userId, accountId: account.id, workspaceId: account.workspaceId };
    return (await buildProfile(this.db, { in: parents as never })).profileId;
  }

  /** @param profileId null: in the organization's own log */
  async happen<N extends EventName>(
    profileId: string | null,
    name: N,
    payload: EventPayloads[N],
    conversationId: string | null = null,
  ): Promise<string> {
    const { organizationId } = this.owner;
    const actor = { kind: 'system' };
    const event = { organizationId, profileId, conversationId, name, actor, payload } as NewEvent;
    const [logged] = await this.db.system((tx) => appendEvents(tx, [event]));
    return logged!.id;
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.api.stop();
    await this.db.close();
    await this.database.drop();
  }
}

import { type DeliveryState, newId } from '#contracts';
import { advanceMessages, appendEvents, Database } from '#database';
import { movedEvents, progressBatches } from '#domain';
import { ApiClient, buildProfile, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

/** The api and its database, and no engine: what an engine would write, the test writes. */
export class ApiWithoutEngine {
  private constructor(
    readonly api: RunningApi,
    readonly db: Database,
    private readonly database: TestDatabase,
  ) {}

  static async start(): Promise<ApiWithoutEngine> {
    const database = await createTestDatabase({ outbound: { allowedRanges: ['127.0.0.0/8'] } });
    const api = await startApi(database.config);
    return new ApiWithoutEngine(api, await Database.open(database.config.database, 'api spec'), database);
  }

  async stop(): Promise<void> {
    await this.db.close();
    await this.api.stop();
    await this.database.drop();
  }

  register(): Promise<Registered> {
    return ApiClient.register(this.api.url);
  }

  /** A profile with a number; `connected` as if an engine had connected it. */
  async profile(owner: Registered, options: { phoneNumber?: string; connected?: boolean } = {}): Promise<string> {
    const [parents] = await this.db.query<{ workspaceId: string; accountId: string }>(
      'select workspace_id as "workspaceId", id as "accountId" from accounts where organization_id = $1 limit 1',
      [owner.organizationId],
    );
    const built = { ...parents!, organizationId: owner.organizationId, userId: owner.userId } as never;
    const phoneNumber = 'phoneNumber' in options ? options.phoneNumber : '15550300001';
    const { profileId } = await buildProfile(this.db, { in: built, phoneNumber });
    if (options.connected) {
      await this.db.query(
        `update profile_connections set state = 'connected', code = 'connected' where profile_id = $1`,
        [profileId],
      );
    }
    return profileId;
  }

  /** Ends sends as the owner of the profile would. */
  async settle(messageIds: string[], state: DeliveryState, reason: string | null = null): Promise<void> {
    await this.db.system(async (tx) => {
      const at = new Date();
      const advance = await advanceMessages(
        tx,
        messageIds.map((messageId) => ({ messageId, state, reason, at })),
      );
      const batches = await progressBatches(tx, advance);
      await appendEvents(tx, [...movedEvents(advance.moved, { kind: 'system' }), ...batches]);
    });
  }

  /** Takes sends on, as an engine does before it sends. */
  async claim(messageIds: string[]): Promise<void> {
    await this.db.query(
      `with claimed as (update outbox set claimed_epoch = 1, wired = true where message_id = any($1::uuid[]))
       update messages set state = 'sending' where id = any($1::uuid[])`,
      [messageIds],
    );
  }

  /** Stores a message of the other person. */
  async receive(conversationId: string, text: string): Promise<{ id: string; waMessageId: string }> {
    const id = newId<string>();
    const waMessageId = `3A${id.replaceAll('-', '').toUpperCase()}`;
    await this.db.query(
      `with chat as (
         update conversations set unread_count = unread_count + 1, last_message_id = $1, last_message_at = now()
          where id = $2 returning id, organization_id, profile_id
       ), key as (
         insert into message_keys (profile_id, wa_message_id, from_me, organization_id, message_id)
         select profile_id, $3, false, organization_id, $1 from chat
       )
       insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       select $1, organization_id, profile_id, id, 'incoming', $3, 'text', $4::jsonb, 'received', now() from chat`,
      [id, conversationId, waMessageId, JSON.stringify({ kind: 'text', text })],
    );
    return { id, waMessageId };
  }
}

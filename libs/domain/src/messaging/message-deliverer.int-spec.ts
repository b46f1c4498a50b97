import { newId } from '#contracts';
import { advanceMessages, Database, lockCancellable, readMilestones, releaseSends } from '#database';
import { type Address, type Connection, EngineError, type OutgoingContent } from '#engine';
import type { MediaStorage } from '#storage';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import type { Logger } from '../platform/logger.js';
import { expireSends } from './delivery-settlement.js';
import { MessageDeliverer } from './message-deliverer.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** The other side of the port: takes what is sent, and answers as told. */
class Wire {
  readonly sent: { to: string; text: string; waMessageId: string }[] = [];
  underWay = 0;
  mostUnderWay = 0;
  answer: (text: string) => Promise<void> = async () => undefined;

  readonly connection = {
    send: async (to: Address, { content }: OutgoingContent, { waMessageId }: { waMessageId: string }) => {
      const text = content.kind === 'text' ? content.text : '';
      this.sent.push({ to: to.phone!, text, waMessageId });
      this.underWay += 1;
      this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
      try {
        await this.answer(text);
      } finally {
        this.underWay -= 1;
      }
      return { acknowledgedAt: new Date() };
    },
  } as unknown as Connection;

  get texts(): string[] {
    return this.sent.map((message) => message.text);
  }
}

const failure = (code: string, retryable: boolean, outcome: 'not_sent' | 'unknown') => () =>
  Promise.reject(new EngineError(code, code, { retryable, outcome }));

describe('the message deliverer', () => {
  let database: TestDatabase;
  let db: Database;
  let owned: OwnedForSpec;
  let wire: Wire;
  const running: MessageDeliverer[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'deliverer spec');
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
    wire = new Wire();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((deliverer) => deliverer.stop(2_000)));
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function deliverer(of = owned, over = wire): MessageDeliverer {
    const made = new MessageDeliverer({ db, storage: {} as MediaStorage, log: silent }, of, over.connection);
    running.push(made);
    return made;
  }

  const settled = (id: string) =>
    until(
      async () => {
        const message = await owned.message(id);
        return ['queued', 'sending'].includes(message.state) ? undefined : message;
      },
      { what: 'the message to be settled' },
    );
  const drained = () => until(async () => (await owned.waiting()).length === 0, { what: 'the outbox to be empty' });
  const texts = (to: string, count: number, prefix = to) =>
    Array.from({ length: count }, (_, index) => ({ to, text: `${prefix} ${index}` }));

  it('sends in order within a conversation, and conversations side by side', async () => {
    wire.answer = () => new Promise((resolve) => setTimeout(resolve, 1));
    await owned.queue([...texts('491', 30), ...texts('492', 30), ...texts('493', 30)]);
    deliverer().start();
    await drained();
    for (const to of ['491', '492', '493']) {
      expect(wire.sent.filter((each) => each.to === to).map((each) => each.text)).toEqual(
        texts(to, 30).map((each) => each.text),
      );
    }
    expect(wire.mostUnderWay).toBe(3);
    const names = await owned.eventNames();
    expect(names).toHaveLength(90);
    expect(new Set(names)).toEqual(new Set(['message.sent']));
  });

  it('goes through a long conversation without being woken', async () => {
    await owned.queue(texts('491', 300));
    deliverer().start();
    await drained();
    expect(wire.texts).toEqual(texts('491', 300).map((each) => each.text));
  });

  it('lets interactive messages go before those of campaigns', async () => {
    await owned.queue([
      ...texts('494', 3, 'campaign').map((each) => ({ ...each, lane: 'campaign' as const })),
      { to: '494', text: 'urgent' },
    ]);
    deliverer().start();
    await drained();
    expect(wire.texts[0]).toBe('urgent');
  });

  it('picks up what is queued later when it is woken', async () => {
    const working = deliverer();
    working.start();
    const [id] = await owned.queue([{ to: '491', text: 'later' }]);
    working.wake();
    expect((await settled(id!)).state).toBe('sent');
  });

  it('tries again under the same id, before anything else of that conversation', async () => {
    let failures = 0;
    wire.answer = async (text) => {
      if (text === '491 0' && failures++ === 0) await failure('ack_timeout', true, 'unknown')();
    };
    await owned.queue([...texts('491', 3), ...texts('492', 1)]);
    const working = deliverer();
    working.start();
    await until(async () => (await owned.waiting()).length === 3, { what: 'the failed message to be back' });
    expect(wire.texts.sort()).toEqual(['491 0', '492 0']);
    const [back, ...behind] = await owned.waiting();
    expect(back).toMatchObject({ wired: true, claimed: false });
    expect(behind).toMatchObject([{ wired: false }, { wired: false }]);
    // A new connection tries at once instead of waiting for the back-off.
    working.start();
    await drained();
    const toFirst = wire.sent.filter((each) => each.to === '491');
    expect(toFirst.map((each) => each.text)).toEqual(['491 0', '491 0', '491 1', '491 2']);
    expect(toFirst[0]!.waMessageId).toBe(toFirst[1]!.waMessageId);
    expect((await owned.message(back!.id)).attempts).toBe(2);
  });

  it('tries again by itself after the back-off', async () => {
    let failures = 0;
    wire.answer = async () => {
      if (failures++ === 0) await failure('ack_timeout', true, 'unknown')();
    };
    const [id] = await owned.queue(texts('491', 1));
    deliverer().start();
    expect((await settled(id!)).state).toBe('sent');
    expect(wire.sent).toHaveLength(2);
    const { attempts, tries } = await db.system((tx) => readMilestones(tx, id!));
    expect({ attempts, tries }).toEqual({
      attempts: 2,
      tries: [{ attempt: 1, at: expect.any(String), reason: 'ack_timeout' }],
    });
  });

  it('says failed only when nothing can have arrived', async () => {
    wire.answer = failure('recipient_not_on_whatsapp', false, 'not_sent');
    const [certain] = await owned.queue(texts('491', 1));
    deliverer().start();
    expect(await settled(certain!)).toMatchObject({ state: 'failed', reason: 'recipient_not_on_whatsapp' });

    // The same answer after an attempt that may have reached the wire.
    owned = await OwnedForSpec.build(db);
    const [doubtful] = await owned.queue(texts('491', 1));
    await owned.claim({ limit: 10 });
    deliverer(owned).start();
    expect(await settled(doubtful!)).toMatchObject({ state: 'unknown', reason: 'recipient_not_on_whatsapp' });
  });

  it('takes over what a dead owner had taken on, under the same ids', async () => {
    const [id] = await owned.queue(texts('491', 1));
    wire.answer = () => new Promise(() => undefined);
    deliverer().start();
    await until(() => wire.sent.length === 1);
    // The process dies here: on the wire, not acknowledged.
    const next = await owned.successor();
    const nextWire = new Wire();
    deliverer(next, nextWire).start();
    expect((await settled(id!)).state).toBe('sent');
    expect(nextWire.sent).toEqual(wire.sent);
    owned.ending.abort();
    owned.isCurrent = false;
  });

  it('sends nothing and settles nothing once another host owns the profile', async () => {
    const [id] = await owned.queue(texts('491', 2));
    const acknowledged = new Promise<void>((resolve) => {
      wire.answer = async () => {
        await owned.successor();
        owned.isCurrent = false;
        resolve();
      };
    });
    deliverer().start();
    await acknowledged;
    await until(() => wire.underWay === 0);
    await running[0]!.stop(1_000);
    expect(wire.sent).toHaveLength(1);
    expect((await owned.message(id!)).state).toBe('sending');
    expect(await owned.events()).toEqual([]);
  });

  it('gives back what is not under way when the connection is down', async () => {
    const goOn: (() => void)[] = [];
    wire.answer = () => new Promise((resolve) => goOn.push(resolve));
    await owned.queue(texts('491', 5));
    const working = deliverer();
    working.start();
    await until(() => wire.sent.length === 1);
    working.pause();
    await until(async () => (await owned.waiting()).filter((row) => row.claimed).length === 1);
    const waiting = await owned.waiting();
    expect(waiting.slice(1).every((row) => !row.wired && !row.claimed)).toBe(true);
    for (const resolve of goOn) resolve();
    await until(async () => (await owned.waiting()).length === 4);
    expect(wire.sent).toHaveLength(1);
    wire.answer = async () => undefined;
    working.start();
    await drained();
    expect(wire.texts).toEqual(texts('491', 5).map((each) => each.text));
  });

  it('ends what is over time as expired, or as unknown when it may have arrived', async () => {
    const past = new Date(Date.now() - 1_000);
    const [fresh, wired] = await owned.queue(texts('491', 2).map((each) => ({ ...each, expiresAt: past })));
    await owned.claim({ limit: 10, exceptMessages: [fresh!] });
    deliverer().start();
    expect(await settled(fresh!)).toMatchObject({ state: 'expired', reason: 'not_sent_in_time' });
    expect(await settled(wired!)).toMatchObject({ state: 'unknown', reason: 'not_acknowledged_in_time' });
    expect(wire.sent).toEqual([]);
  });

  it('leaves to a living owner what it is working on, and ends the rest of what is over time', async () => {
    const past = new Date(Date.now() - 1_000);
    const [working, idle] = await owned.queue(texts('491', 2).map((each) => ({ ...each, expiresAt: past })));
    await owned.claim({ limit: 1, exceptMessages: [idle!] });
    await expireSends(db);
    expect((await owned.message(idle!)).state).toBe('expired');
    expect((await owned.message(working!)).state).toBe('sending');
    await owned.successor();
    await expireSends(db);
    expect((await owned.message(working!)).state).toBe('unknown');
  });

  it('either sends or cancels, never both, when both happen at once', async () => {
    const ids = await owned.queue(Array.from({ length: 60 }, (_, index) => ({ to: `49${index}`, text: `${index}` })));
    wire.answer = () => new Promise((resolve) => setImmediate(resolve));
    deliverer().start();
    const cancelled: string[] = [];
    for (let round = 0; round < 10; round++) {
      await db.system(async (tx) => {
        const some = await lockCancellable(tx, { messageIds: ids.slice(round * 6, round * 6 + 6) });
        const steps = some.map(
          (messageId) => ({ messageId, state: 'cancelled', reason: null, at: new Date() }) as const,
        );
        cancelled.push(...(await advanceMessages(tx, steps)).moved.map((message) => message.messageId));
      });
    }
    await drained();
    const sent = new Set(wire.sent.map((message) => message.waMessageId));
    for (const id of ids) {
      const { state, waMessageId } = await owned.message(id);
      expect([cancelled.includes(id), sent.has(waMessageId), state]).toEqual(
        cancelled.includes(id) ? [true, false, 'cancelled'] : [false, true, 'sent'],
      );
    }
    expect(wire.sent.length + cancelled.length).toBe(60);
  });

  it('does not take on again what was given back until it is due', async () => {
    const [first, second] = await owned.queue(texts('491', 2));
    const claimed = await owned.claim({ limit: 10 });
    expect(claimed.map((send) => [send.messageId, send.wasWired, send.attempts])).toEqual([
      [first, false, 1],
      [second, false, 1],
    ]);
    const back = claimed.map(({ messageId, standing }) => ({
      messageId,
      wired: false,
      failedBecause: null,
      day: '',
      standing,
    }));
    await releaseSends(db, owned.lease, back);
    const again = await owned.claim({ limit: 10 });
    expect(again.map((send) => [send.messageId, send.wasWired, send.attempts])).toEqual([
      [first, false, 1],
      [second, false, 1],
    ]);
  });

  describe('of a batch', () => {
    async function batch(count: number, stopOnError = false): Promise<{ batchId: string; ids: string[] }> {
      const batchId = newId<string>();
      const { organizationId, profileId } = owned.profile;
      await db.query(
        `insert into batches (id, organization_id, profile_id, state, total, stop_on_error, estimated_end_at)
         values ($1, $2, $3, 'processing', $4, $5, now())`,
        [batchId, organizationId, profileId, count, stopOnError],
      );
      return { batchId, ids: await owned.queue(texts('491', count), batchId) };
    }
    const stateOf = async (batchId: string) =>
      (await db.query<{ state: string }>('select state from batches where id = $1', [batchId]))[0]!.state;

    it('tells once that all is done, with the last message', async () => {
      const { batchId } = await batch(5);
      deliverer().start();
      await drained();
      expect(await stateOf(batchId)).toBe('completed');
      const names = await owned.eventNames();
      expect(names.filter((name) => name === 'batch.completed')).toHaveLength(1);
      expect(names.at(-1)).toBe('batch.completed');
    });

    it('stops at the first failure when asked to', async () => {
      wire.answer = async (text) => {
        if (text === '491 1') await failure('rejected', false, 'not_sent')();
      };
      const { batchId, ids } = await batch(60, true);
      deliverer().start();
      await until(async () => (await stateOf(batchId)) === 'cancelled');
      await drained();
      expect((await owned.message(ids[1]!)).state).toBe('failed');
      expect(await owned.message(ids[59]!)).toEqual(
        expect.objectContaining({ state: 'cancelled', reason: 'batch_stopped_on_error' }),
      );
      const names = await owned.eventNames();
      expect(names.filter((name) => name.startsWith('batch.'))).toEqual(['batch.cancelled']);
    });
  });

  it.each(['force_generic_plan', 'force_custom_plan'])(
    'moves messages whose rows somebody else was changing, by a plan for all values or for these (%s)',
    async (plan) => {
      const ids = await owned.queue(
        Array.from({ length: 4 }, (_, index) => ({ to: `49171000000${index}`, text: 'x' })),
      );
      const steps = ids.map((messageId) => ({ messageId, state: 'sent' as const, reason: null, at: new Date() }));
      let moved: Promise<string[]> = Promise.resolve([]);
      await db.system(async (tx) => {
        await tx.query('update messages set attempts = attempts + 1 where id = $1', [ids[1]]);
        moved = db.system(async (other) => {
          await other.query(`set local plan_cache_mode = ${plan}`);
          return (await advanceMessages(other, steps)).moved.map(({ messageId }) => messageId);
        });
        await until(async () => {
          const [waiting] = await db.query<{ count: number }>(
            "select count(*) as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
          );
          return waiting!.count > 0;
        });
      });
      expect(await moved).toEqual(ids);
    },
  );
});

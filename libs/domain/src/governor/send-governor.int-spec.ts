import { newId } from '#contracts';
import { addNews, Database, findSendPolicy, lockCancellable, writeSendPolicy } from '#database';
import { type ChatAddress, type Connection, EngineError, type OutgoingContent } from '#engine';
import type { MediaStorage } from '#storage';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import { MessageDeliverer } from '../messaging/message-deliverer.js';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import type { Logger } from '../platform/logger.js';
import type { GovernorClock } from './database-clock.js';
import type { SendPolicy } from './send-policy.js';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** A clock that stands still until it is told otherwise. */
class TestClock implements GovernorClock {
  at = Date.parse('2026-11-20T12:00:00Z');
  now = () => this.at;
  seen = () => undefined;
}

/** What reaches WhatsApp, and what WhatsApp answers. */
class Wire {
  readonly sent: { to: string; text: string; at: number }[] = [];
  readonly typing: string[] = [];
  answer: (to: string) => Promise<void> = async () => undefined;

  readonly connection = {
    send: async (to: ChatAddress, { content }: OutgoingContent) => {
      const phone = to.kind === 'user' ? to.phone! : '';
      this.sent.push({ to: phone, text: content.kind === 'text' ? content.text : '', at: performance.now() });
      await this.answer(phone);
      return { acknowledgedAt: new Date() };
    },
    setTyping: async (to: ChatAddress, state: string) => {
      this.typing.push(`${to.kind === 'user' ? to.phone : ''} ${state} before ${this.sent.length}`);
    },
  } as unknown as Connection;

  get recipients(): string[] {
    return this.sent.map(({ to }) => to).sort();
  }
}

const refusal = (code: string) => () =>
  Promise.reject(new EngineError(code, code, { retryable: false, outcome: 'not_sent' }));

describe('the send governor', () => {
  let database: TestDatabase;
  let db: Database;
  let owned: OwnedForSpec;
  let wire: Wire;
  let clock: TestClock;
  const running: MessageDeliverer[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'governor spec');
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
    wire = new Wire();
    clock = new TestClock();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((deliverer) => deliverer.stop(2_000)));
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function deliverer(of = owned, over = wire): MessageDeliverer {
    const parts = { db, storage: {} as MediaStorage, log: silent, clock };
    const made = new MessageDeliverer(parts, of, over.connection);
    running.push(made);
    made.start();
    return made;
  }

  let revision = 0;
  async function rules(policy: Partial<SendPolicy>): Promise<void> {
    revision += 1;
    await db.system((tx) => writeSendPolicy(tx, owned.profile, { revision, policy }));
  }

  const kept = async () => {
    const { organizationId, profileId } = owned.profile;
    return (await db.system((tx) => findSendPolicy(tx, organizationId, profileId)))!.governor!;
  };
  const to = (...phones: string[]) => phones.map((phone) => ({ to: phone, text: `to ${phone}` }));
  const campaign = (...phones: string[]) => to(...phones).map((each) => ({ ...each, lane: 'campaign' as const }));
  const events = async (prefix: string) => (await owned.events()).filter(({ name }) => name.startsWith(prefix));

  /** Somebody writes to us, as the recorder stores it. */
  async function writes(phone: string, at = new Date(clock.at)): Promise<void> {
    const [chat] = await db.query<{ id: string; messageId: string }>(
      `select c.id, c.last_message_id as "messageId" from conversations c
         join identities i on i.person_id = c.person_id and i.kind = 'phone' and i.value = $2
        where c.profile_id = $1`,
      [owned.profile.profileId, phone],
    );
    const news = { conversationId: chat!.id, unread: 1, lastMessageId: chat!.messageId, lastMessageAt: at };
    await db.system((tx) => addNews(tx, [{ ...news, lastInboundAt: at }]));
  }

  const arrived = (count: number, over = wire) =>
    until(() => over.sent.length >= count, { what: `${count} messages to be on the wire` });
  const told = (name: string) => until(async () => (await events(name)).length > 0, { what: `the event ${name}` });
  /** Whatever the deliverer will do without being woken it has done: what waits is held, and that was told. */
  const held = (code: string) =>
    until(
      async () => (await events('sending.held')).some(({ payload }) => (payload as { code: string }).code === code),
      {
        what: `${code} to be told`,
      },
    );

  it('keeps a daily limit when the owner dies, to the message', async () => {
    await rules({ dailyMessageLimit: 5 });
    const phones = Array.from({ length: 12 }, (_, index) => `4930${index}`);
    const ids = await owned.queue(to(...phones));
    // Two are acknowledged; three are on the wire when the process dies.
    let answers = 0;
    wire.answer = () => (answers++ < 2 ? Promise.resolve() : new Promise(() => undefined));
    deliverer();
    await arrived(5);
    await held('daily_limit');
    const next = await owned.successor();
    const nextWire = new Wire();
    deliverer(next, nextWire);
    await until(async () => (await owned.waiting()).length === 7, { what: 'five messages to be settled' });
    expect(new Set([...wire.recipients, ...nextWire.recipients]).size).toBe(5);
    // What waits was never touched, and can be cancelled.
    expect((await owned.waiting()).every(({ wired, claimed }) => !wired && !claimed)).toBe(true);
    expect(await db.system((tx) => lockCancellable(tx, { messageIds: ids }))).toHaveLength(7);

    clock.at += 24 * 3_600_000;
    running.at(-1)!.wake();
    await until(async () => (await owned.waiting()).length === 2, { what: 'the next day to send five more' });
    expect((await kept()).sent).toBe(5);
    owned.isCurrent = false;
    owned.ending.abort();
  });

  it('counts what went out, and not what was taken on and given back', async () => {
    await rules({ dailyMessageLimit: 100 });
    wire.answer = () => new Promise((resolve) => setTimeout(resolve, 20));
    await owned.queue(to(...Array.from({ length: 40 }, () => '4931')));
    const working = deliverer();
    await arrived(1);
    working.pause();
    await until(async () => (await owned.waiting()).every(({ claimed }) => !claimed), { what: 'the rest to be back' });
    expect((await kept()).sent).toBe(wire.sent.length);
    expect(wire.sent.length).toBeLessThan(40);
  });

  it('lets conversations go on while campaigns and strangers are held back', async () => {
    await rules({ coldDailyLimit: 2 });
    await owned.queue([...campaign('4941', '4942', '4943'), ...to('4944', '4945', '4946')]);
    await writes('4946');
    deliverer();
    await arrived(3);
    await held('cold_daily_limit');
    expect(wire.recipients).toContain('4946');
    expect(wire.sent).toHaveLength(3);
    // Whoever writes is no stranger any more.
    await writes('4943');
    running[0]!.wake();
    await arrived(4);
    expect(wire.sent.at(-1)!.to).toBe('4943');
    expect(await events('sending.held')).toHaveLength(1);
  });

  it('holds whose service window is over for cold, and sends to them when that is allowed', async () => {
    await rules({ coldDailyLimit: 1, serviceWindowHours: 24 });
    await owned.queue(to('4951', '4952', '4953'));
    await writes('4951', new Date(clock.at - 23 * 3_600_000));
    await writes('4952', new Date(clock.at - 25 * 3_600_000));
    await writes('4953', new Date(clock.at - 26 * 3_600_000));
    deliverer();
    await arrived(2);
    await held('cold_daily_limit');
    expect(wire.recipients).toContain('4951');
    expect(wire.sent).toHaveLength(2);
    clock.at += 24 * 3_600_000;
    running[0]!.wake();
    await arrived(3);
  });

  it('stops messages to strangers at once after a 463, lets others go on, and tells it', async () => {
    await owned.queue(to('4961', '4962'));
    await writes('4962');
    wire.answer = (phone) => (phone === '4961' ? refusal('rejected_463')() : Promise.resolve());
    deliverer();
    await told('sending.time_locked');
    const before = wire.sent.length;
    await owned.queue([...to('4963', '4962'), ...campaign('4964')]);
    running[0]!.wake();
    await held('time_lock');
    await until(() => wire.sent.filter(({ to: phone }) => phone === '4962').length === 2);
    expect(wire.recipients).toEqual(['4961', '4962', '4962']);
    expect(before).toBeLessThanOrEqual(2);

    // The next owner knows it from the beginning.
    const next = await owned.successor();
    const nextWire = new Wire();
    deliverer(next, nextWire);
    await owned.queue(to('4962'));
    running.at(-1)!.wake();
    await until(() => nextWire.sent.length > 0);
    expect(nextWire.recipients).toEqual(['4962']);

    // WhatsApp says that it is over.
    running.at(-1)!.timeLocked(null);
    await told('sending.time_lock_ended');
    await until(() => nextWire.sent.length === 3);
    expect(nextWire.recipients).toEqual(['4962', '4963', '4964']);
    expect((await events('sending.held')).length).toBe(1);
    expect((await events('sending.resumed')).length).toBe(1);
    owned.isCurrent = false;
    owned.ending.abort();
  });

  it('tries with one message when a time-lock that WhatsApp gave no end for may be over', async () => {
    await owned.queue(to('4971'));
    wire.answer = refusal('rejected_463');
    deliverer();
    await told('sending.time_locked');
    await owned.queue(to('4972', '4973', '4974'));
    wire.answer = async () => undefined;
    running[0]!.wake();
    await held('time_lock');
    expect(wire.sent).toHaveLength(1);
    clock.at += 3_600_000;
    running[0]!.wake();
    await told('sending.time_lock_ended');
    await arrived(4);
  });

  it('opens the circuit when messages to strangers fail, and closes it after one that does not', async () => {
    wire.answer = refusal('recipient_not_on_whatsapp');
    await owned.queue(to('4981', '4982', '4983', '4984', '4985'));
    deliverer();
    await told('sending.circuit_opened');
    await owned.queue(to('4986', '4987'));
    wire.answer = async () => undefined;
    running[0]!.wake();
    await held('circuit_open');
    expect(wire.sent).toHaveLength(5);
    clock.at += 30 * 60_000;
    running[0]!.wake();
    await told('sending.circuit_closed');
    await arrived(7);
  });

  it('rests in quiet hours of the time zone, campaigns and strangers, and answers go on', async () => {
    // 12:00 UTC is 19:00 in Jakarta.
    await rules({ quietHours: { from: '18:00', to: '20:00' }, timeZone: 'Asia/Jakarta' });
    await owned.queue([...campaign('4991'), ...to('4992', '4993')]);
    await writes('4993');
    deliverer();
    await held('quiet_hours');
    await arrived(1);
    expect(wire.recipients).toEqual(['4993']);
    clock.at += 3_600_000;
    running[0]!.wake();
    await arrived(3);
  });

  it('holds new rules from the next claim on', async () => {
    await owned.queue(to('5001'));
    deliverer();
    await arrived(1);
    await rules({ dailyMessageLimit: 1 });
    await owned.queue(to('5002'));
    running[0]!.wake();
    await held('daily_limit');
    expect(wire.sent).toHaveLength(1);
    await rules({ dailyMessageLimit: 2 });
    running[0]!.wake();
    await arrived(2);
  });

  it('sends one at a time with its pauses, and shows typing before each', async () => {
    await rules({ messageDelayMs: 40, typingEnabled: true, typingMsPerCharacter: 5, typingMaxMs: 30 });
    const ticking = setInterval(() => {
      clock.at += 5;
    }, 5);
    let underWay = 0;
    let most = 0;
    wire.answer = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 15));
      underWay -= 1;
    };
    await owned.queue(to('5011', '5012', '5013', '5014'));
    deliverer();
    await arrived(4);
    clearInterval(ticking);
    expect(most).toBe(1);
    expect(wire.typing).toEqual(['5011', '5012', '5013', '5014'].map((phone, at) => `${phone} composing before ${at}`));
    const gaps = wire.sent.slice(1).map(({ at }, index) => at - wire.sent[index]!.at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(40);
  });

  it('keeps the pauses of a batch when its messages are late, and lets others go on', async () => {
    const batchId = newId<string>();
    const paced = campaign('5031', '5032', '5033').map((each) => ({ ...each, pauseMs: 60_000 }));
    await owned.queue(paced, batchId);
    await owned.queue(campaign('5034', '5035'));
    const lateBy = "update outbox set not_before = not_before - interval '10 minutes' where batch_id = $1";
    await db.query(lateBy, [batchId]);
    deliverer();
    await arrived(3);
    expect(wire.recipients).toEqual(['5031', '5034', '5035']);
    // Before the pause is over nothing more is taken on, however often it is asked for.
    clock.at += 59_999;
    await owned.queue(to('5036'));
    running[0]!.wake();
    await arrived(4);
    clock.at += 1;
    running[0]!.wake();
    await arrived(5);
    await owned.queue(to('5037'));
    running[0]!.wake();
    await arrived(6);
    expect(wire.sent.map(({ to: phone }) => phone).slice(3)).toEqual(['5036', '5032', '5037']);
    await until(async () => (await owned.waiting()).length === 1, { what: 'the others to be settled' });
    expect(await owned.waiting()).toEqual([expect.objectContaining({ wired: false, claimed: false })]);
  });

  it('has in the database what it has in memory', async () => {
    await rules({ minuteLimit: 100, hourLimit: 1000, dailyMessageLimit: 1000 });
    await owned.queue([...to('5021', '5022'), ...campaign('5023')]);
    await writes('5022');
    deliverer();
    await arrived(3);
    const row = await kept();
    expect(row).toMatchObject({ day: '2026-11-20', sent: 3, unsolicited: 2, newContacts: 2 });
    expect(row.minuteCounts.reduce((sum, count) => sum + count)).toBe(3);
    expect(row.hourCounts.reduce((sum, count) => sum + count)).toBe(3);
    expect(row.lastSentAt?.getTime()).toBe(clock.at);
  });
});

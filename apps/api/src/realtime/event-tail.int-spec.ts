import type { LoggedEvent } from '#contracts';
import { appendEvents, Database } from '#database';
import { createLogger } from '#domain';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { EventTail } from './event-tail.js';

let test: TestDatabase;
let db: Database;
let tail: EventTail;
let profile: BuiltProfile;

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'tail spec');
});
afterAll(async () => {
  await db.close();
  await test.drop();
});
beforeEach(async () => {
  profile = await buildProfile(db);
  tail = new EventTail(db, createLogger({ level: 'silent' }, 'spec'));
});
afterEach(() => tail.onModuleDestroy());

async function append(count: number, to = profile): Promise<void> {
  const { organizationId, profileId } = to;
  await db.system((tx) =>
    appendEvents(
      tx,
      Array.from({ length: count }, () => ({
        organizationId,
        profileId,
        name: 'profile.updated' as const,
        actor: { kind: 'system' as const },
        payload: { id: profileId, name: 'x' },
      })),
    ),
  );
}

const collector = () => {
  const seqs: number[] = [];
  return { seqs, handler: (event: LoggedEvent) => void seqs.push(event.seq) };
};
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('following a stream', () => {
  it('brings what is written from now on, once and in order', async () => {
    await append(3);
    const seen = collector();
    const following = await tail.follow(profile.profileId, 'now', seen.handler);
    expect(following.seq).toBe(3);
    await append(2);
    await until(() => seen.seqs.length >= 2);
    await append(1);
    await until(() => seen.seqs.length >= 3);
    expect(seen.seqs).toEqual([4, 5, 6]);
    following.stop();
    await append(1);
    const other = collector();
    await tail.follow(profile.profileId, 6, other.handler);
    await until(() => other.seqs.length >= 1);
    expect(seen.seqs).toEqual([4, 5, 6]);
  });

  it('replays from a position without gap or repeat while others write', async () => {
    await append(1200);
    const followers = await Promise.all(
      [0, 100, 700, 1199, 1200].map(async (after) => {
        const seen = collector();
        await tail.follow(profile.profileId, after, seen.handler);
        return { after, seen };
      }),
    );
    await Promise.all(Array.from({ length: 20 }, () => append(10)));
    for (const { after, seen } of followers) {
      await until(() => seen.seqs.length >= 1400 - after, { what: `the events after ${after}` });
      expect(seen.seqs).toEqual(range(after + 1, 1400));
    }
  });

  it('hears of other processes by the poll when a wake-up is lost', async () => {
    const seen = collector();
    await tail.follow(profile.profileId, 'now', seen.handler);
    // Written past appendEvents, as if its wake-up had been lost.
    await db.query(
      `with moved as (
         insert into event_streams (stream_id, organization_id, last_seq) values ($1, $2, 1)
         on conflict (stream_id) do update set last_seq = event_streams.last_seq + 1 returning last_seq)
       insert into events (id, organization_id, profile_id, stream_id, seq, name, version, actor, payload)
       select '0190a000-0000-7000-8000-000000000001', $2, $1, $1, last_seq, 'profile.updated', 1, '{}', '{}' from moved`,
      [profile.profileId, profile.organizationId],
    );
    await until(() => seen.seqs.length === 1);
  });

  it('holds back the reading for a follower that is catching up and cannot take more', async () => {
    await append(1500);
    let handed = 0;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await tail.follow(profile.profileId, 0, async () => {
      handed++;
      if (handed === 10) await held;
    });
    const fast = collector();
    await tail.follow(profile.profileId, 0, fast.handler);
    await until(() => fast.seqs.length === 1500);
    expect(handed).toBe(10);
    letGo();
    await until(() => handed === 1500);
  });

  it('keeps a failing follower from harming the others', async () => {
    const seen = collector();
    await tail.follow(profile.profileId, 'now', () => {
      throw new Error('mine');
    });
    await tail.follow(profile.profileId, 'now', seen.handler);
    await append(3);
    await until(() => seen.seqs.length === 3);
  });

  it('does not mix streams', async () => {
    const other = await buildProfile(db);
    const seen = collector();
    await tail.follow(profile.profileId, 'now', seen.handler);
    await append(5, other);
    await append(1);
    await until(() => seen.seqs.length === 1);
    expect(seen.seqs).toEqual([1]);
  });
});

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Database, findProfilesWithDueDownloads, Sealer, wantDownload } from '#database';
import { type Connection, EngineError, TransferSlots, userChat, whatsAppCapabilities } from '#engine';
import { DiskStorage } from '#storage';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import { MessageRecorder } from '../messaging/message-recorder.js';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import type { Logger } from '../platform/logger.js';
import { MediaDownloader } from './media-downloader.js';
import { defaultMediaPolicy, type MediaPolicy, withMissing } from './media-policy.js';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

describe('the media downloader', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;
  let storage: DiskStorage;
  let owned: OwnedForSpec;
  let asked: string[];
  let answer: (token: string) => Promise<Readable>;
  let renew: (token: string) => Promise<string>;
  let policy: MediaPolicy;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'downloader spec');
    sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
    storage = await DiskStorage.open(database.config.storage.dataDir);
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
    asked = [];
    answer = async (token) => Readable.from([Buffer.from(`bytes of ${token}`)]);
    renew = async () => {
      throw new EngineError('media_expired', 'the phone has it no more', { retryable: false, outcome: 'not_sent' });
    };
    policy = defaultMediaPolicy;
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function downloader(atOnce = 4): MediaDownloader {
    const connection = {
      capabilities: whatsAppCapabilities,
      download: async (token: Uint8Array) => {
        asked.push(Buffer.from(token).toString());
        return answer(asked.at(-1)!);
      },
      renewMedia: async (token: Uint8Array) => Buffer.from(await renew(Buffer.from(token).toString())),
    } as unknown as Connection;
    const transfers = new TransferSlots({ atOnce, bytes: 100_000_000 });
    return new MediaDownloader(
      { db, storage, sealer, transfers, scansReceived: false, log: silent },
      owned,
      connection,
    );
  }

  async function receive(...tokens: string[]): Promise<void> {
    await receiveAs('text/plain', ...tokens);
  }

  async function receiveAs(mimeType: string, ...tokens: string[]): Promise<void> {
    const media = { mediaId: null, mimeType, sizeBytes: null, sha256: null, fileName: 'a.png' };
    const facts = tokens.map((token) => ({
      type: 'message' as const,
      secret: null,
      author: { phone: '4915300000001', lid: null },
      journalId: null,
      waMessageId: token,
      fromMe: false,
      chat: userChat({ phone: '4915300000001', lid: null }),
      pushName: null,
      sentAt: new Date(),
      content: { kind: 'image', media, caption: token } as const,
      quotedWaMessageId: null,
      download: Buffer.from(token),
    }));
    const told = facts.map((fact) => withMissing(fact, policy));
    await new MessageRecorder(db, sealer).record(owned, told, () => undefined);
  }

  const waiting = () =>
    db.query<{ attempts: number; isDue: boolean; error: string | null }>(
      `select attempts, next_attempt_at <= now() as "isDue", last_error as error from media_downloads
        where profile_id = $1`,
      [owned.profile.profileId],
    );
  const told = async (name: string) => (await owned.events()).filter((event) => event.name === name);

  it('stores the files of messages and names them there', async () => {
    await receive('A', 'B', 'C');
    downloader().start();
    await until(async () => (await told('message.media_stored')).length === 3);
    expect(asked.sort()).toEqual(['A', 'B', 'C']);
    expect(await waiting()).toEqual([]);
    const rows = await db.query<{ key: string; caption: string; name: string }>(
      `select f.storage_key as key, m.content ->> 'caption' as caption, f.file_name as name
         from messages m join media_objects f on f.id = (m.content #>> '{media,mediaId}')::uuid
        where m.profile_id = $1`,
      [owned.profile.profileId],
    );
    expect(rows).toHaveLength(3);
    for (const { key, caption, name } of rows) {
      expect([name, (await (await storage.open(key)).toArray()).join('')]).toEqual(['a.png', `bytes of ${caption}`]);
    }
  });

  it('tries again later, and is done when it succeeds', async () => {
    await receive('D');
    answer = async () => {
      throw new EngineError('media_host_down', 'no answer', { retryable: true, outcome: 'not_sent' });
    };
    const working = downloader();
    working.start();
    await until(async () => (await waiting())[0]?.attempts === 1);
    expect(await waiting()).toEqual([{ attempts: 1, isDue: false, error: 'no answer' }]);
    answer = async () => Readable.from([Buffer.from('late')]);
    await db.query('update media_downloads set next_attempt_at = now() where profile_id = $1', [
      owned.profile.profileId,
    ]);
    working.wake();
    await until(async () => (await told('message.media_stored')).length === 1);
  });

  const missingOf = async () => {
    const [row] = await db.query<{ media: { missing?: string; actualType?: string }; reason: string | null }>(
      `select content -> 'media' as media, state_reason as reason from messages where profile_id = $1`,
      [owned.profile.profileId],
    );
    return { missing: row!.media.missing, actualType: row!.media.actualType, reason: row!.reason };
  };
  const failing = (code: string, retryable: boolean) => async (): Promise<never> => {
    throw new EngineError(code, code, { retryable, outcome: 'not_sent' });
  };

  it('gives up what is gone at WhatsApp and on the phone, and says so on the message', async () => {
    await receive('E');
    expect(await missingOf()).toMatchObject({ missing: 'waiting' });
    answer = failing('media_expired', false);
    downloader().start();
    const [event] = await until(async () => {
      const events = await told('message.media_failed');
      return events.length > 0 ? events : undefined;
    });
    expect(event!.payload).toMatchObject({
      reason: 'media_expired',
      explanation: expect.stringContaining('Ask the sender to send it again'),
    });
    expect(await waiting()).toEqual([]);
    expect(await missingOf()).toMatchObject({ missing: 'expired', reason: 'media_expired' });
  });

  it('fetches from the phone what is gone at WhatsApp, and remembers where it is now', async () => {
    await receive('H');
    answer = async (token) => {
      if (token === 'H') throw new EngineError('media_expired', 'gone', { retryable: false, outcome: 'not_sent' });
      if (asked.length < 3)
        throw new EngineError('media_unavailable', 'busy', { retryable: true, outcome: 'not_sent' });
      return Readable.from([Buffer.from('from the phone')]);
    };
    let renewals = 0;
    renew = async () => {
      renewals += 1;
      return 'H renewed';
    };
    const working = downloader();
    working.start();
    await until(async () => (await waiting())[0]?.attempts === 1);
    await db.query('update media_downloads set next_attempt_at = now() where profile_id = $1', [
      owned.profile.profileId,
    ]);
    working.wake();
    await until(async () => (await told('message.media_stored')).length === 1);
    expect(asked).toEqual(['H', 'H renewed', 'H renewed']);
    expect(renewals).toBe(1);
    expect(await missingOf()).toMatchObject({ missing: undefined });
  });

  it('a phone that takes its time holds up no other file', async () => {
    await receive('slow', 'quick');
    answer = async (token) => {
      if (token === 'slow') throw new EngineError('media_expired', 'gone', { retryable: false, outcome: 'not_sent' });
      return Readable.from([Buffer.from(`bytes of ${token}`)]);
    };
    let answered: ((token: string) => void) | undefined;
    renew = () =>
      new Promise((resolve) => {
        answered = resolve;
      });
    downloader(1).start();
    await until(async () => (await told('message.media_stored')).length === 1);
    (await until(() => answered))('slow renewed');
    await until(async () => (await told('message.media_stored')).length === 2);
  });

  it('tries later when the phone is silent', async () => {
    await receive('I');
    answer = failing('media_expired', false);
    renew = failing('phone_silent', true);
    downloader().start();
    await until(async () => (await waiting())[0]?.attempts === 1);
    expect(await missingOf()).toMatchObject({ missing: 'waiting' });
  });

  it('a file that comes damaged again and again is given up as damaged', async () => {
    await receive('J');
    await db.query('update media_downloads set attempts = 2 where profile_id = $1', [owned.profile.profileId]);
    answer = async () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('half of it');
          throw new EngineError('media_damaged', 'its hash is wrong', { retryable: true, outcome: 'not_sent' });
        })(),
      );
    downloader().start();
    await until(async () => (await told('message.media_failed')).length === 1);
    expect(await missingOf()).toMatchObject({ missing: 'damaged', reason: 'media_damaged' });
  });

  it('a full disk costs time, not the file', async () => {
    await receive('K');
    await db.query('update media_downloads set attempts = 50 where profile_id = $1', [owned.profile.profileId]);
    answer = async () => {
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    };
    downloader().start();
    await until(async () => (await waiting())[0]?.attempts === 51);
  });

  it('a file of another type than its sender told is kept, and says what it is', async () => {
    await receiveAs('image/jpeg', 'L');
    answer = async () => Readable.from([Buffer.from('<html><script>alert(1)</script></html>')]);
    downloader().start();
    await until(async () => (await told('message.media_stored')).length === 1);
    expect(await missingOf()).toMatchObject({ missing: undefined, actualType: 'text/plain' });
    const [file] = await db.query('select mime_type from media_objects where organization_id = $1', [
      owned.profile.organizationId,
    ]);
    expect(file).toEqual({ mime_type: 'text/plain' });
  });

  it('on demand nothing is fetched until somebody asks for it', async () => {
    policy = { ...defaultMediaPolicy, kinds: ['audio'] };
    await receive('M');
    const working = downloader();
    working.start();
    expect(await missingOf()).toMatchObject({ missing: 'on_demand' });
    expect(await findProfilesWithDueDownloads(db, [owned.profile.profileId])).toEqual([]);
    const [{ id }] = (await db.query<{ id: string }>('select id from messages where profile_id = $1', [
      owned.profile.profileId,
    ])) as [{ id: string }];
    expect(await db.system((tx) => wantDownload(tx, owned.profile.organizationId, id))).toBe(owned.profile.profileId);
    working.wake();
    await until(async () => (await told('message.media_stored')).length === 1);
    expect(asked).toEqual(['M']);
  });

  it('gives up after many tries', async () => {
    await receive('F');
    await db.query('update media_downloads set attempts = 11 where profile_id = $1', [owned.profile.profileId]);
    answer = async () => {
      throw new Error('reset');
    };
    downloader().start();
    await until(async () => (await told('message.media_failed')).length === 1);
  });

  it('records nothing for a former owner; the next one fetches again', async () => {
    await receive('G');
    const first = owned;
    const fetched = new Promise<void>((resolve) => {
      answer = async () => {
        owned = await first.successor();
        resolve();
        return Readable.from([Buffer.from('stale')]);
      };
    });
    downloader().start();
    await fetched;
    answer = async () => Readable.from([Buffer.from('fresh')]);
    downloader().start();
    await until(async () => (await told('message.media_stored')).length === 1);
    expect(asked).toEqual(['G', 'G']);
    expect(await told('message.media_stored')).toHaveLength(1);
  });
});

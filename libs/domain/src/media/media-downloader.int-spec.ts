import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Database, Sealer } from '#database';
import { type Connection, EngineError, userChat, whatsAppCapabilities } from '#engine';
import { DiskStorage } from '#storage';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import { MessageRecorder } from '../messaging/message-recorder.js';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import type { Logger } from '../platform/logger.js';
import { MediaDownloader } from './media-downloader.js';

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
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function downloader(): MediaDownloader {
    const connection = {
      capabilities: whatsAppCapabilities,
      download: async (token: Uint8Array) => {
        asked.push(Buffer.from(token).toString());
        return answer(asked.at(-1)!);
      },
    } as unknown as Connection;
    return new MediaDownloader({ db, storage, sealer, log: silent }, owned, connection);
  }

  async function receive(...tokens: string[]): Promise<void> {
    const media = { mediaId: null, mimeType: 'image/png', sizeBytes: null, sha256: null, fileName: 'a.png' };
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
    await new MessageRecorder(db, sealer).record(owned, facts, () => undefined);
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

  it('gives up what is gone, and says so on the message', async () => {
    await receive('E');
    answer = async () => {
      throw new EngineError('media_expired', 'expired', { retryable: false, outcome: 'not_sent' });
    };
    downloader().start();
    const [event] = await until(async () => {
      const events = await told('message.media_failed');
      return events.length > 0 ? events : undefined;
    });
    expect(event!.payload).toMatchObject({ reason: 'media_expired' });
    expect(await waiting()).toEqual([]);
    const [message] = await db.query('select state_reason as reason from messages where profile_id = $1', [
      owned.profile.profileId,
    ]);
    expect(message).toEqual({ reason: 'media_expired' });
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

import { randomUUID } from 'node:crypto';
import { type ApiKeyId, type ConversationId, newId, type ProfileId } from '#contracts';
import { Database, readEvents } from '#database';
import { parseChat, whatsAppCapabilities } from '#engine';
import {
  type BuiltProfile,
  buildActor,
  buildOrganization,
  buildProfile,
  createTestDatabase,
  type TestDatabase,
} from '#testing';
import type { MediaIntake } from '../media/media-intake.js';
import { type MessageDraft, mediaContent } from './message-draft.js';
import { type AcceptedAt, MessageSender } from './message-sender.js';

let test: TestDatabase;
let db: Database;
let sender: MessageSender;
beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'sender spec');
  const noIntake = {} as MediaIntake;
  sender = new MessageSender(db, noIntake, { expiryMs: 3_600_000 });
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

const actorOf = (built: Pick<BuiltProfile, 'organizationId' | 'userId'>) =>
  buildActor(built, { permissions: ['messages.send'], credential: { kind: 'api-key', id: newId<ApiKeyId>() } });
const linked = () => buildProfile(db, { phoneNumber: '6281200000001' });
const text = (to: string, words: string, more: Partial<MessageDraft> = {}): MessageDraft => ({
  to: parseChat(to)!,
  content: { kind: 'text', text: words },
  ...more,
});
const accept = (built: BuiltProfile, drafts: MessageDraft[]): Promise<AcceptedAt> =>
  sender.accept(actorOf(built), { profileId: built.profileId, lane: 'interactive', drafts });
const rowsOf = (profileId: ProfileId, table: string) =>
  db.query<Record<string, unknown>>(`select * from ${table} where profile_id = $1`, [profileId]);

describe('MessageSender.accept', () => {
  it('queues many messages in one transaction, in order, each with its key, its place in the outbox and its event', async () => {
    const built = await linked();
    const woken = new Promise<string | null>((resolve) => {
      const unlisten = db.listen('outbox', (id) => {
        if (id !== built.profileId) return;
        unlisten();
        resolve(id);
      });
    });
    const drafts = Array.from({ length: 50 }, (_, i) =>
      text(`628110000${String(i % 10).padStart(4, '0')}`, `hello ${i}`),
    );
    const { messages, seq } = await accept(built, drafts);

    expect(messages.map((message) => message.content)).toEqual(drafts.map((draft) => draft.content));
    expect(new Set(messages.map((message) => message.conversationId)).size).toBe(10);
    expect(messages.every((message) => /^3EB0[0-9A-F]{36}$/.test(message.waMessageId))).toBe(true);
    expect([...messages].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(messages);

    const stored = await rowsOf(built.profileId, 'messages');
    expect(stored).toHaveLength(50);
    expect(stored.every((row) => row.state === 'queued' && row.direction === 'outgoing')).toBe(true);
    const sends = await rowsOf(built.profileId, 'outbox');
    expect(sends.map((row) => row.message_id).sort()).toEqual(messages.map((message) => message.id));
    expect(sends.every((row) => row.lane === 0 && row.claimed_epoch === null && row.wired === false)).toBe(true);
    const keys = await rowsOf(built.profileId, 'message_keys');
    expect(keys.map((row) => row.wa_message_id).sort()).toEqual(messages.map((m) => m.waMessageId).sort());

    const events = await readEvents(db, built.profileId, 0, 100);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(seq).toBe(50);
    expect(events.map((event) => (event.payload as { messageId: string }).messageId)).toEqual(
      messages.map((m) => m.id),
    );
    expect(events[0]).toMatchObject({
      name: 'message.queued',
      actor: { kind: 'api-key' },
      conversationId: messages[0]!.conversationId,
      payload: { chatId: '6281100000000@s.whatsapp.net', to: { phone: '6281100000000', lid: null }, batchId: null },
    });

    const [chat] = await db.query<{ last_message_id: string; unread_count: number }>(
      'select last_message_id, unread_count from conversations where id = $1',
      [messages[0]!.conversationId],
    );
    expect(chat).toEqual({ last_message_id: messages[40]!.id, unread_count: 0 });
    await expect(woken).resolves.toBe(built.profileId);
  });

  it('uses one conversation for all forms of a number, also when many first sends run at the same time', async () => {
    const built = await linked();
    const forms = ['+62 811-2222-333', '628112222333', '628112222333@c.us', '628112222333@s.whatsapp.net'];
    const accepted = await Promise.all(
      Array.from({ length: 20 }, (_, i) => accept(built, [text(forms[i % 4]!, `form ${i}`)])),
    );
    expect(new Set(accepted.map(({ messages }) => messages[0]!.conversationId)).size).toBe(1);
    expect(accepted.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('queues for a profile that is offline, until the expiry', async () => {
    const built = await linked();
    const notBefore = new Date(Date.now() + 60_000);
    await accept(built, [text('628113333333', 'later', { notBefore })]);
    const [send] = await rowsOf(built.profileId, 'outbox');
    expect(send).toMatchObject({ not_before: notBefore, expires_at: new Date(notBefore.getTime() + 3_600_000) });
  });

  it.each([
    ['was never linked', undefined, 'disconnected', 'never_connected'],
    ['was logged out', '6281200000009', 'logged_out', 'logged_out_from_phone'],
    ['waits for a new scan', '6281200000009', 'pairing', 'waiting_for_scan'],
    ['was not scanned in time', '6281200000009', 'disconnected', 'pairing_expired'],
  ])('refuses a profile that %s, and stores nothing', async (_, phoneNumber, state, code) => {
    const built = await buildProfile(db, { phoneNumber });
    await db.query('update profile_connections set state = $2, code = $3 where profile_id = $1', [
      built.profileId,
      state,
      code,
    ]);
    await expect(accept(built, [text('628114444444', 'x')])).rejects.toMatchObject({ code: 'PROFILE_NOT_LINKED' });
    expect(await rowsOf(built.profileId, 'conversations')).toEqual([]);
  });

  it("does not find another organization's profile", async () => {
    const built = await linked();
    const stranger = await buildOrganization(db);
    const asked = sender.accept(actorOf(stranger), {
      profileId: built.profileId,
      lane: 'interactive',
      drafts: [text('628115555555', 'x')],
    });
    await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('leaves nothing when the transaction ends before its commit', async () => {
    const built = await linked();
    const drafts = [text('628116666666', 'one'), text('628117777777', 'two')];
    const request = { profileId: built.profileId, lane: 'interactive' as const, drafts };
    const died = sender.accept(actorOf(built), request, async () => {
      throw new Error('the process dies here');
    });
    await expect(died).rejects.toThrow('the process dies here');
    for (const table of ['messages', 'outbox', 'message_keys', 'conversations']) {
      expect(await rowsOf(built.profileId, table)).toEqual([]);
    }
    expect(await readEvents(db, built.profileId, 0, 10)).toEqual([]);
  });

  it('hands what was accepted to `once` inside the transaction, before the events', async () => {
    const built = await linked();
    const seen: unknown[] = [];
    const request = { profileId: built.profileId, lane: 'interactive' as const, drafts: [text('628118888888', 'x')] };
    const accepted = await sender.accept(actorOf(built), request, async (tx, { messages }) => {
      seen.push(messages, await tx.query('select 1 from messages where id = $1', [messages[0]!.id]));
    });
    expect(seen).toEqual([accepted.messages, [{ '?column?': 1 }]]);
  });

  it('accepts requests that come together apart: one that is wrong fails alone, each keeps its own log position', async () => {
    const built = await linked();
    const drafts = Array.from({ length: 30 }, (_, i) =>
      text('628118888889', `together ${i}`, i % 10 === 3 ? { quoted: 'NOSUCH' } : {}),
    );
    const settled = await Promise.allSettled(drafts.map((draft) => accept(built, [draft, draft])));
    expect(settled.flatMap((result, i) => (result.status === 'rejected' ? [i] : []))).toEqual([3, 13, 23]);
    const accepted = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const events = await readEvents(db, built.profileId, 0, 100);
    expect(events).toHaveLength(54);
    for (const { messages, seq } of accepted) {
      const announced = messages.map(
        ({ id }) => events.find((event) => (event.payload as { messageId: string }).messageId === id)!,
      );
      expect(announced.map((event) => event.seq)).toEqual([seq - 1, seq]);
    }
  });

  it('rolls a request back with its own `once`, not those that share its transaction', async () => {
    const built = await linked();
    const request = (words: string) => ({
      profileId: built.profileId,
      lane: 'interactive' as const,
      drafts: [text('628118888887', words)],
    });
    const settled = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((words) =>
        sender.accept(actorOf(built), request(words), async () => {
          if (words === 'c') throw new Error('taken over');
        }),
      ),
    );
    expect(settled.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const stored = await rowsOf(built.profileId, 'messages');
    expect(stored.map((row) => (row.content as { text: string }).text).sort()).toEqual(['a', 'b', 'd']);
  });

  describe('answers', () => {
    it('finds the quoted message by our id and by WhatsApp id, ours and theirs', async () => {
      const built = await linked();
      const { messages } = await accept(built, [text('628119999999', 'question')]);
      const [question] = messages;
      await receive(built, question!.conversationId as ConversationId, 'THEIRS1');
      for (const quoted of [question!.id, question!.id.toUpperCase(), question!.waMessageId, 'THEIRS1']) {
        const answered = await accept(built, [text('628119999999', 'answer', { quoted })]);
        const expected = quoted === 'THEIRS1' ? 'THEIRS1' : question!.waMessageId;
        expect(answered.messages[0]!.quotedWaMessageId).toBe(expected);
      }
    });

    it('refuses what is not in this chat: unknown, of another chat, of another profile', async () => {
      const built = await linked();
      const other = await linked();
      const [here] = (await accept(built, [text('628120000001', 'in another chat')])).messages;
      const [there] = (await accept(other, [text('628120000002', 'on another number')])).messages;
      for (const quoted of ['UNKNOWN', randomUUID(), here!.id, here!.waMessageId, there!.id, there!.waMessageId]) {
        await expect(accept(built, [text('628120000002', 'answer', { quoted })])).rejects.toMatchObject({
          code: 'QUOTED_MESSAGE_NOT_FOUND',
        });
      }
    });

    async function receive(built: BuiltProfile, conversationId: ConversationId, waMessageId: string): Promise<void> {
      const id = newId();
      await db.system(async (tx) => {
        await tx.query(
          `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content, state, sent_at)
           values ($1, $2, $3, $4, 'incoming', $5, 'text', '{"kind":"text","text":"hi"}', 'received', now())`,
          [id, built.organizationId, built.profileId, conversationId, waMessageId],
        );
        await tx.query(
          `insert into message_keys (profile_id, wa_message_id, from_me, organization_id, message_id) values ($1, $2, false, $3, $4)`,
          [built.profileId, waMessageId, built.organizationId, id],
        );
      });
    }
  });

  it('writes the row of a file once for all messages that use it', async () => {
    const built = await linked();
    const media = {
      mediaId: newId<never>(),
      storageKey: 'a'.repeat(64),
      sizeBytes: whatsAppCapabilities.media.document.maxBytes,
      sha256: 'a'.repeat(64),
      mimeType: 'application/zip',
      fileName: null,
    };
    const content = mediaContent('document', media, { caption: 'look' });
    const drafts = ['628121000001', '628121000002'].map((to) => ({ to: parseChat(to)!, content, media }));
    const { messages } = await accept(built, drafts);
    expect(messages.map((message) => message.content)).toEqual([content, content]);
    const files = await db.query('select id, size_bytes from media_objects where organization_id = $1', [
      built.organizationId,
    ]);
    expect(files).toEqual([{ id: media.mediaId, size_bytes: media.sizeBytes }]);
  });
});

import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '#contracts';
import { Sealer } from '#database';
import { createLogger, ExportBuilder, MessageRecorder, openSnoozed } from '#domain';
import { type InboundMessage, userChat } from '#engine';
import { DiskStorage } from '#storage';
import type { Registered } from '#testing';
import { ApiWithoutEngine } from './api-without-engine.js';
import { readZip } from './read-zip.js';

/** The work of people in chats, over HTTP. What an engine would write, the test writes. */
describe('the inbox', () => {
  let waypost: ApiWithoutEngine;
  let owner: Registered;
  let stranger: Registered;
  let profileId: string;
  let recorder: MessageRecorder;

  beforeAll(async () => {
    waypost = await ApiWithoutEngine.start();
    [owner, stranger] = [await waypost.register(), await waypost.register()];
    profileId = await waypost.profile(owner);
    recorder = new MessageRecorder(
      waypost.db,
      new Sealer(waypost.db, { current: randomBytes(32).toString('hex'), previous: [] }),
    );
    await receive('1', 'Ana López', 'my invoice is wrong', 0);
    await receive('2', 'Ben', 'hello there', 1);
    await receive('2', 'Ben', 'are you there?', 2);
    await receive('3', 'Çelik Ana', 'thanks for the invoice', 3);
  });
  afterAll(() => waypost?.stop());

  /** Somebody writes, at a minute of the story. */
  async function receive(who: string, pushName: string, text: string, minute: number, ago = 3_600_000) {
    const { organizationId } = owner;
    const [lease] = await waypost.db.query<{ epoch: number; hostId: string }>(
      `update profile_leases set epoch = epoch + 1, host_id = $2, expires_at = now() + interval '1 hour'
        where profile_id = $1 returning epoch, host_id as "hostId"`,
      [profileId, newId()],
    );
    const author = { phone: `49151000000${who}`, lid: `90000000000${who}` };
    const owned = {
      lease: { profileId, organizationId, ...lease },
      signal: new AbortController().signal,
      isCurrent: true,
    };
    const fact: InboundMessage = {
      ...{ type: 'message', journalId: null, waMessageId: newId<string>(), fromMe: false, secret: null },
      ...{ quotedWaMessageId: null, download: null, author, chat: userChat(author), pushName },
      content: { kind: 'text', text },
      sentAt: new Date(Date.now() - ago + minute * 60_000),
    };
    await recorder.record(owned as never, [fact], () => undefined);
  }

  const list = async (query = '') => {
    const { status, body } = await owner.client.get(`/conversations?profileId=${profileId}${query}`);
    expect(status).toBe(200);
    return body.data as {
      conversations: { id: string; name: string; labels: object[] }[];
      total: number;
      nextCursor: string;
      previousCursor: string;
    };
  };
  const names = async (query: string) => (await list(query)).conversations.map((each) => each.name);
  const idOf = async (name: string) => (await list()).conversations.find((each) => each.name === name)!.id;
  const events = async (name: string) =>
    (
      await waypost.db.query<{ payload: Record<string, unknown> }>(
        'select payload from events where name = $1 order by id',
        [name],
      )
    ).map((row) => row.payload);

  it('is searched by name, number and words, and filtered', async () => {
    expect(await names('')).toEqual(['Çelik Ana', 'Ben', 'Ana López']);
    expect(await names('&search=ana')).toEqual(['Çelik Ana', 'Ana López']);
    expect(await names('&search=lopez%20ANA')).toEqual(['Ana López']);
    expect(await names('&search=%2B49%20151%200000002')).toEqual(['Ben']);
    expect(await names('&search=%25')).toEqual([]);
    expect(await names('&text=invoice')).toEqual(['Çelik Ana', 'Ana López']);
    expect(await names('&text=%22there%3F%22&unread=true&archived=false&muted=false&pinned=false&type=user')).toEqual([
      'Ben',
    ]);
    expect(await names('&pinned=true')).toEqual([]);
    expect(await names(`&activeSince=${new Date(Date.now() - 3_600_000 + 150_000).toISOString()}`)).toEqual([
      'Çelik Ana',
    ]);
    expect((await owner.client.get(`/conversations?profileId=${profileId}&status=done`)).status).toBe(400);
    expect((await owner.client.get(`/conversations?profileId=${profileId}&assignee=you`)).status).toBe(400);
    const found = (await owner.client.get(`/messages/search?q=invoi&profileId=${profileId}&limit=1`)).body;
    expect(found.data).toMatchObject([
      { body: 'thanks for the invoice', snippet: { highlights: [{ from: 15, to: 22 }] } },
    ]);
    const older = (await owner.client.get(`/messages/search?q=invoi&limit=1&cursor=${found.meta.nextCursor}`)).body;
    expect([older.data[0].body, older.meta.nextCursor]).toEqual(['my invoice is wrong', null]);
  });

  it('is paged both ways', async () => {
    const first = await list('&limit=2');
    expect([first.total, first.previousCursor]).toEqual([3, null]);
    const second = await list(`&limit=2&cursor=${first.nextCursor}`);
    expect(second.conversations.map((each) => each.name)).toEqual(['Ana López']);
    expect(second.nextCursor).toBeNull();
    const back = await list(`&limit=2&cursor=${second.previousCursor}`);
    expect(back.conversations.map((each) => each.name)).toEqual(['Çelik Ana', 'Ben']);
    expect(back.previousCursor).toBeNull();
    expect(await names('&limit=1&offset=1')).toEqual(['Ben']);
  });

  it('counts what is unread', async () => {
    const { data } = (await owner.client.get('/conversations/unread-count')).body;
    expect(data).toMatchObject({ messages: 4, conversations: 3, notable: 3, profiles: [{ profileId, messages: 4 }] });
    const other = await stranger.client.get(`/conversations/unread-count?profileId=${profileId}`);
    expect(other.status).toBe(404);
  });

  it('is given to members who may see it, with a history', async () => {
    const id = await idOf('Ben');
    const path = `/conversations/${id}/assignee`;
    expect((await owner.client.put(path, { userId: owner.userId })).body.data.assignee).toMatchObject({
      userId: owner.userId,
    });
    expect((await owner.client.put(path, { userId: owner.userId })).status).toBe(200);
    expect(await names('&assignee=me')).toEqual(['Ben']);
    expect(await names('&assignee=nobody')).toEqual(['Çelik Ana', 'Ana López']);
    const foreign = await owner.client.put(path, { userId: stranger.userId });
    expect([foreign.status, foreign.body.error.details?.[0]?.field ?? foreign.body.error.fields?.[0]?.path]).toEqual([
      400,
      'userId',
    ]);
    expect((await stranger.client.put(path, { userId: stranger.userId })).status).toBe(404);
    expect((await owner.client.put(path, { userId: null })).body.data.assignee).toBeNull();
    const history = (await owner.client.get(`/conversations/${id}/assignments`)).body.data;
    expect(history.map((each: { userId: string }) => each.userId)).toEqual([null, owner.userId]);
    expect(await events('conversation.assigned')).toMatchObject([
      { conversationId: id, assignee: { userId: owner.userId }, previousUserId: null },
      { conversationId: id, assignee: null, previousUserId: owner.userId },
    ]);
  });

  it('is closed, opened by a message, and snoozed until its time', async () => {
    const [id, other] = [await idOf('Ben'), await idOf('Ana López')];
    expect((await owner.client.put(`/conversations/${id}/status`, { status: 'closed' })).body.data.status).toBe(
      'closed',
    );
    expect(await names('&status=closed')).toEqual(['Ben']);
    await receive('2', 'Ben', 'late news of yesterday', 4);
    expect(await names('&status=closed')).toEqual(['Ben']);
    await receive('2', 'Ben', 'one more thing', 0, -1000);
    expect(await names('&status=closed')).toEqual([]);
    await owner.client.put(`/conversations/${id}/status`, { status: 'closed', reopens: false });
    await receive('2', 'Ben', 'hello?', 0, -2000);
    expect(await names('&status=closed')).toEqual(['Ben']);
    for (const body of [
      { status: 'snoozed' },
      { status: 'snoozed', snoozedUntil: '2020-01-01T00:00:00Z' },
      { status: 'open', snoozedUntil: '2040-01-01T00:00:00Z' },
    ]) {
      expect((await owner.client.put(`/conversations/${other}/status`, body)).status).toBe(400);
    }
    await owner.client.put(`/conversations/${other}/status`, {
      status: 'snoozed',
      snoozedUntil: '2040-01-01T00:00:00Z',
    });
    expect(await openSnoozed(waypost.db)).toBe(0);
    await waypost.db.query(`update conversations set snoozed_until = now() - interval '1 second' where id = $1`, [
      other,
    ]);
    expect(await openSnoozed(waypost.db)).toBe(1);
    expect((await owner.client.get(`/conversations/${other}`)).body.data).toMatchObject({
      status: 'open',
      snoozedUntil: null,
    });
    const told = (await events('conversation.status_changed')).map(({ status, because }) => [status, because]);
    expect(told).toEqual([
      ['closed', 'asked'],
      ['open', 'message'],
      ['closed', 'asked'],
      ['snoozed', 'asked'],
      ['open', 'time'],
    ]);
  });

  it('has notes that only their authors change, and nobody outside sees', async () => {
    const path = `/conversations/${await idOf('Ben')}/notes`;
    const note = (await owner.client.post(path, { text: 'Knows Ana', mentions: [owner.userId] })).body.data;
    expect(note).toMatchObject({
      text: 'Knows Ana',
      authorUserId: owner.userId,
      mentions: [owner.userId],
      editedAt: null,
    });
    expect(
      (await owner.client.put(`${path}/${note.id}`, { text: 'Knows Ana well' })).body.data.editedAt,
    ).not.toBeNull();
    expect((await owner.client.get(path)).body.data).toMatchObject([{ text: 'Knows Ana well', mentions: [] }]);
    expect((await owner.client.post(path, { text: 'x', mentions: [stranger.userId] })).status).toBe(400);
    expect((await stranger.client.get(path)).status).toBe(404);
    await waypost.db.query('update conversation_notes set author_user_id = null where id = $1', [note.id]);
    expect((await owner.client.put(`${path}/${note.id}`, { text: 'mine' })).status).toBe(403);
    await waypost.db.query('update conversation_notes set author_user_id = $2 where id = $1', [note.id, owner.userId]);
    expect((await owner.client.delete(`${path}/${note.id}`)).body.data).toEqual({ id: note.id, deleted: true });
    expect((await owner.client.get(path)).body.data).toEqual([]);
    expect((await events('conversation.note_added')).every((payload) => !('text' in payload))).toBe(true);
    expect(await waypost.db.query(`select 1 from messages where direction = 'outgoing'`)).toEqual([]);
  });

  it('has labels of its own, on chats and on messages', async () => {
    const conversationId = await idOf('Ben');
    const made = await owner.client.post('/labels', { profileId, name: 'VIP', color: 5, livesOn: 'waypost' });
    expect([made.status, made.body.data]).toMatchObject([
      201,
      { name: 'VIP', color: 5, livesOn: 'waypost', waLabelId: null },
    ]);
    const { id } = made.body.data;
    const again = await owner.client.post('/labels', { profileId, name: 'vip', livesOn: 'waypost' });
    expect([again.status, again.body.error.code]).toEqual([409, 'LABEL_NAME_TAKEN']);
    const onWhatsapp = await owner.client.post('/labels', { profileId, name: 'Other', livesOn: 'whatsapp' });
    expect(onWhatsapp.status).toBeGreaterThanOrEqual(409);

    for (let times = 0; times < 2; times++) {
      const attached = await owner.client.post(`/labels/${id}/attach`, { conversationId });
      expect(attached.body.data).toEqual({ labelId: id, conversationId, messageId: null, attached: true });
    }
    expect((await list(`&labelId=${id}`)).conversations).toMatchObject([
      { name: 'Ben', labels: [{ id, name: 'VIP', color: 5 }] },
    ]);
    expect((await owner.client.get(`/messages/search?q=hello&labelId=${id}`)).body.data.length).toBe(2);
    const [message] = (await owner.client.get('/messages/search?q=invoice&limit=1')).body.data;
    const wrong = await owner.client.post(`/labels/${id}/attach`, { conversationId, messageId: message.id });
    expect(wrong.status).toBe(404);
    const target = { conversationId: message.conversationId, messageId: message.id };
    expect((await owner.client.post(`/labels/${id}/attach`, target)).status).toBe(200);
    expect((await owner.client.get(`/messages/search?q=invoice&labelId=${id}`)).body.data.length).toBe(1);
    expect((await owner.client.get(`/labels?profileId=${profileId}`)).body.data).toMatchObject([
      { id, conversations: 1 },
    ]);
    expect((await owner.client.put(`/labels/${id}`, { name: 'Very important' })).body.data).toMatchObject({
      name: 'Very important',
      color: 5,
    });
    expect((await owner.client.post(`/labels/${id}/detach`, { conversationId })).body.data.attached).toBe(false);
    expect(await names(`&labelId=${id}`)).toEqual([]);
    expect((await stranger.client.delete(`/labels/${id}`)).status).toBe(404);
    expect((await owner.client.delete(`/labels/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await owner.client.get(`/labels?profileId=${profileId}`)).body.data).toEqual([]);
    const told = await waypost.db.query<{ name: string }>(
      `select name from events where name like 'label.%' order by id`,
    );
    expect(told.map(({ name }) => name.slice(6))).toEqual([
      'created',
      'attached',
      'attached',
      'updated',
      'detached',
      'deleted',
    ]);
  });

  it('is exported as text, lines or a table, by who asked alone', async () => {
    const id = await idOf('Ben');
    await receive('2', '=cmd()', '=1+1', 0, -3000);
    const storage = await DiskStorage.open(mkdtempSync(join(tmpdir(), 'waypost-inbox-')));
    const builder = new ExportBuilder(waypost.db, storage, createLogger({ level: 'silent' }, 'inbox spec'));
    const made: Record<string, string> = {};
    for (const format of ['txt', 'ndjson', 'csv']) {
      const asked = await owner.client.post(`/conversations/${id}/exports`, { format, media: true });
      expect([asked.status, asked.body.data.state]).toEqual([202, 'queued']);
      const path = `/conversations/${id}/exports/${asked.body.data.id}`;
      expect((await stranger.client.get(path)).status).toBe(404);
      expect(await builder.buildWaiting(() => true)).toBe(1);
      const ready = (await owner.client.get(path)).body.data;
      expect(ready).toMatchObject({
        kind: 'conversation',
        state: 'ready',
        contents: { [`conversation.${format}`]: expect.any(Number) },
      });
      const [row] = await waypost.db.query<{ key: string }>(
        'select storage_key as key from data_exports where id = $1',
        [ready.id],
      );
      const zip = await readZip(Buffer.concat(await (await storage.open(row!.key)).toArray()));
      made[format] = zip.get(`conversation.${format}`)!.toString('utf8');
    }
    expect(made.txt).toMatch(/^\[\d{4}-\d\d-\d\d, \d\d:\d\d:\d\d\] =cmd\(\): hello there$/m);
    const lines = made
      .ndjson!.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ body }) => body)).toEqual(expect.arrayContaining(['hello there', 'are you there?', '=1+1']));
    expect(made.csv!.split('\n')[0]).toContain('sentAt,direction,from');
    expect(made.csv).toContain("'=1+1");
    expect(made.csv).not.toMatch(/(^|,)=/m);
    expect((await owner.client.get(`/conversations/${id}/exports`)).body.data.length).toBe(3);
    expect((await owner.client.post(`/conversations/${id}/exports`, { format: 'pdf' })).status).toBe(400);
    expect((await stranger.client.post(`/conversations/${id}/exports`, {})).status).toBe(404);
    expect(await events('data_export.completed')).toHaveLength(3);
  });
});

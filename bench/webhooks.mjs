import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { v7 } from 'uuid';
import { end, start, until } from './children.mjs';
import { processorUse } from './processor-time.mjs';
import { median, percentile } from './statistics.mjs';

/** Profiles whose events are delivered, each with one webhook, and conversations of each. */
const PROFILES = 4;
const CONVERSATIONS = 100;
/** Calls under way in the raw loop: as many as a worker has by default. */
const IN_FLIGHT = 50;
/** Endpoints of each kind that is bad, and events that wait for each of them. */
const BAD_EACH = 3;
const BAD_BACKLOG = 300;
const BAD_KINDS = ['error', 'redirect', 'reset', 'drip', 'hang'];

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Deliveries a second against raw signed POSTs, and what bad endpoints cost good ones. */
export async function webhookRates(waypost, { deliveries, rounds, perSecond, seconds, onProgress }) {
  const sink = await Child.start(path('./webhook-sink.mjs'), []);
  const db = new pg.Pool({ connectionString: waypost.facts.postgres.url, options: '-c waypost.scope=system', max: 2 });
  try {
    const log = new EventWriter(db, waypost);
    const streams = [];
    for (let index = 0; index < PROFILES; index += 1) streams.push(await log.stream(`${sink.hello.url}/good`));
    const bytes = JSON.stringify(log.payload(v7())).length + 700;
    const raw = await Child.start(path('./raw-posts.mjs'), [sink.hello.url, String(bytes), String(IN_FLIGHT)]);
    const found = { deliveries, raw: [], waypost: [] };
    const measure = async (processes, run) => {
      await sink.ask('begin');
      const use = processorUse(processes);
      await run();
      await until(`${deliveries} calls`, async () => (await sink.ask('look')).count >= deliveries, {
        withinMs: 600_000,
        everyMs: 200,
      });
      const processor = use.perUnit(deliveries);
      return { perSecond: steadyRate((await sink.ask('look')).arrivals), processor };
    };
    const receiver = { pid: sink.pid };
    const { worker, api } = waypost.facts.processes;
    const ours = { receiver, worker: { pid: worker.pid }, api: { pid: api.pid } };
    ours.PostgreSQL = { pid: waypost.facts.postgres.pid, tree: true };
    for (let round = 0; round <= rounds; round += 1) {
      const bare = await measure({ receiver, loop: { pid: raw.pid } }, () => raw.ask(deliveries));
      const whole = await measure(ours, () => log.write(streams, deliveries));
      // The first round warms both up.
      if (round === 0) continue;
      found.raw.push(bare);
      found.waypost.push(whole);
      onProgress(
        `webhooks, round ${round} of ${rounds}: raw ${bare.perSecond.toFixed(0)}/s, Waypost ${whole.perSecond.toFixed(0)}/s`,
      );
    }
    await end(raw.process);
    found.isolation = await isolation(sink, log, { perSecond, seconds, rounds, onProgress });
    return found;
  } finally {
    await db.end();
    await end(sink.process);
  }
}

/** The delay of good endpoints, alone and beside bad ones with a backlog, in turns. */
async function isolation(sink, log, { perSecond, seconds, rounds, onProgress }) {
  const good = [await log.stream(`${sink.hello.url}/timed`), await log.stream(`${sink.hello.url}/timed`)];
  const bad = [];
  for (const kind of [...BAD_KINDS, 'refused']) {
    for (let each = 0; each < BAD_EACH; each += 1) {
      bad.push(await log.stream(kind === 'refused' ? 'http://127.0.0.1:9/' : `${sink.hello.url}/bad/${kind}`));
    }
  }
  const found = { perSecond, seconds, endpoints: bad.length, alone: [], beside: [] };
  const measure = async () => {
    await sink.ask('begin');
    const begin = performance.now();
    for (let turn = 0; turn < perSecond * seconds; turn += 1) {
      const at = begin + (turn * 1000) / perSecond;
      if (at > performance.now()) await pause(at - performance.now());
      await log.write([good[turn % good.length]], 1);
    }
    await until('the timed calls', async () => (await sink.ask('look')).delays.length >= perSecond * seconds);
    const { delays } = await sink.ask('look');
    return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
  };
  for (let round = 1; round <= rounds; round += 1) {
    await log.switchAll(bad, false);
    found.alone.push(await measure());
    await log.switchAll(bad, true);
    await log.write(bad, bad.length * BAD_BACKLOG);
    found.beside.push(await measure());
    const [alone, beside] = [found.alone.at(-1), found.beside.at(-1)];
    onProgress(
      `webhooks, round ${round}: p99 ${alone.p99} ms alone, ${beside.p99} ms beside ${bad.length} bad endpoints`,
    );
  }
  await log.switchAll(bad, false);
  return found;
}

/** Between the first and the last tenth, so that the begin and the end of the work do not count. */
function steadyRate(arrivals) {
  const [from, to] = [arrivals[Math.floor(arrivals.length * 0.1)], arrivals[Math.floor(arrivals.length * 0.9)]];
  return (arrivals.length * 0.8) / (Math.max(1, to - from) / 1000);
}

/** Writes events straight into the log, as the engine does, so that nothing but the delivery is measured. */
class EventWriter {
  constructor(db, waypost) {
    this.db = db;
    this.waypost = waypost;
  }

  /** A profile with a webhook to an address. */
  async stream(url) {
    const [workspace] = await this.waypost.call('GET', '/workspaces');
    const profile = await this.waypost.call('POST', '/profiles', { workspaceId: workspace.id, name: 'Webhooks' });
    const webhook = await this.waypost.call('POST', '/webhooks', {
      ...{ profileId: profile.id, url, events: ['message.received'] },
    });
    const { rows } = await this.db.query('select organization_id as id from profiles where id = $1', [profile.id]);
    const conversations = Array.from({ length: CONVERSATIONS }, () => v7());
    return { profileId: profile.id, webhookId: webhook.id, organizationId: rows[0].id, conversations, turn: 0 };
  }

  async switchAll(streams, enabled) {
    for (const { webhookId } of streams) await this.waypost.call('PUT', `/webhooks/${webhookId}`, { enabled });
  }

  payload(conversationId) {
    const chatId = '15550100002@s.whatsapp.net';
    return {
      ...{ messageId: v7(), waMessageId: v7(), conversationId, chatId, chat: { kind: 'user', id: chatId, name: null } },
      from: { personId: null, phone: '15550100002', lid: null, name: 'Contact' },
      content: { kind: 'text', text: 'A message of a usual length, as people write them all day.' },
      ...{ quotedWaMessageId: null, sentAt: new Date().toISOString() },
    };
  }

  /** So many events, in turns over the streams. */
  async write(streams, count) {
    const each = Math.ceil(count / streams.length);
    for (const [index, stream] of streams.entries()) {
      const total = Math.min(each, count - index * each);
      for (let written = 0; written < total; written += 500) await this.#batch(stream, Math.min(500, total - written));
    }
  }

  async #batch(stream, count) {
    const { profileId, organizationId, conversations } = stream;
    const events = Array.from({ length: count }, () => {
      const conversationId = conversations[stream.turn++ % conversations.length];
      return { id: v7(), conversationId, payload: JSON.stringify(this.payload(conversationId)) };
    });
    await this.db.query(
      `with head as (
         update event_streams set last_seq = last_seq + $1 where stream_id = $2 returning last_seq
       )
       insert into events (id, organization_id, profile_id, conversation_id, stream_id, seq, name, version, actor,
                           occurred_at, payload)
       select each.id, $3, $2, each.conversation_id, $2, head.last_seq - $1 + each.position, 'message.received', 1,
              '{"kind":"whatsapp"}', clock_timestamp(), each.payload::jsonb
         from head, unnest($4::uuid[], $5::uuid[], $6::text[]) with ordinality
                      as each (id, conversation_id, payload, position)`,
      [
        ...[count, profileId, organizationId, events.map(({ id }) => id)],
        ...[events.map(({ conversationId }) => conversationId), events.map(({ payload }) => payload)],
      ],
    );
    await this.db.query(`select pg_notify('waypost_events', $1)`, [profileId]);
  }
}

/** A process of the benchmark that answers one question at a time. */
class Child {
  static async start(script, args) {
    const child = new Child();
    child.process = start(script, args, { onLine: (line) => console.error(line) });
    [child.hello] = await once(child.process, 'message');
    return child;
  }

  get pid() {
    return this.process.pid;
  }

  async ask(question) {
    const answer = once(this.process, 'message');
    this.process.send(question);
    return (await answer)[0];
  }
}

/** What the report says of it. */
export function webhookFigures({ raw, waypost, isolation: { alone, beside } }) {
  const rate = (windows) => median(windows.map(({ perSecond }) => perSecond));
  const p99 = (windows) => median(windows.map((window) => window.p99));
  const total = (windows) =>
    median(windows.map(({ processor }) => Object.values(processor).reduce((sum, each) => sum + each, 0)));
  return {
    ...{ raw: rate(raw), waypost: rate(waypost), rawProcessor: total(raw), processor: total(waypost) },
    ...{ alone: p99(alone), beside: p99(beside) },
  };
}

import { io, type Socket } from 'socket.io-client';
import { type ApiClient, until, WebhookReceiver } from '#testing';
import { type AsyncApi, readAsyncApi } from './asyncapi.js';

interface Heard {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  payload: any;
}

/**
 * All that a profile is told of from now on: its webhook, a socket, and its log. To hold what really happened against the
 * AsyncAPI document, at the end of a story.
 */
export class Told {
  private readonly heard: Heard[] = [];

  private constructor(
    private readonly client: ApiClient,
    private readonly profileId: string,
    private readonly receiver: WebhookReceiver,
    private readonly socket: Socket,
    private readonly asyncApi: AsyncApi,
    private readonly since: number,
  ) {
    socket.onAny((name: string, payload: unknown) => this.heard.push({ name, payload }));
  }

  static async begin(url: string, client: ApiClient, accessToken: string, profileId: string): Promise<Told> {
    const receiver = await WebhookReceiver.start();
    const socket = io(`${url}/ws`, { transports: ['websocket'], forceNew: true, auth: { token: accessToken } });
    const asyncApi = await readAsyncApi(url);
    const made = await client.post('/webhooks', { profileId, url: `${receiver.url}/told`, events: ['*'] });
    if (made.status !== 201) throw new Error(`The webhook was refused: ${made.text}`);
    const { seq } = await socket.timeout(10_000).emitWithAck('subscribe:profile', { profileId, raw: true });
    return new Told(client, profileId, receiver, socket, asyncApi, seq);
  }

  /** What does not fit, as soon as all three have told of everything that the log has. */
  async problems(): Promise<{ events: string[]; problems: string[] }> {
    const log = await this.log();
    const last = log.at(-1)?.seq ?? 0;
    const raw = () => this.heard.flatMap(({ name, payload }) => (name === 'event' ? [payload.seq] : []));
    await until(() => raw().at(-1) >= last, { what: 'the socket to tell of all events' });
    await this.receiver.expect(log.length, { withinMs: 20_000 });
    const names = new Map<string, string>();
    for (const [key, message] of Object.entries(this.asyncApi.document.components.messages) as [string, Heard][]) {
      if (key.startsWith('webhook.')) names.set(message.name, key);
    }
    const { check } = this.asyncApi;
    const found = [
      ...log.map((event) => check(`event.${event.name}`, event)),
      ...this.heard.map(({ name, payload }) =>
        check(name === 'event' ? `event.${payload.name}` : `socket.${name.replaceAll(':', '_')}`, payload),
      ),
      ...this.receiver.calls.map(({ body }) => check(names.get(body.event) ?? body.event, body)),
    ];
    const problems = [...new Set(found.filter((problem) => problem !== null))];
    return { events: [...new Set(log.map(({ name }) => name))].sort(), problems };
  }

  async end(): Promise<void> {
    this.socket.disconnect();
    await this.receiver.close();
  }

  private async log(): Promise<{ seq: number; name: string }[]> {
    const events: { seq: number; name: string }[] = [];
    for (let after: string | null = String(this.since); after !== null; ) {
      const { body } = await this.client.get(`/events?profileId=${this.profileId}&limit=200&after=${after}`);
      events.push(...body.data);
      after = body.meta.nextCursor;
    }
    return events;
  }
}

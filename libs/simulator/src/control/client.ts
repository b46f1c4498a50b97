import type { Addressing } from '../network/account.js';
import type { LoggedStanza } from '../network/observation.js';
import type { Problem } from '../network/problems.js';
import { WaitTimeout } from '../people/feed.js';
import type { Habits, MediaOptions, MessageMatch, SendOptions, WaitOptions } from '../people/person.js';
import type { ReceiptRecord, TypingRecord } from '../people/phone.js';
import type { InboxRecord } from '../people/received-message.js';
import type { SinkRecord } from '../people/sink.js';
import type { LinkedDevice, PersonOptions } from '../simulation.js';

/** A person as the control interface describes it. */
export interface PersonDescription {
  number: string;
  lid: string;
  name: string;
  addressing: Addressing;
  isOnline: boolean;
  habits: Habits;
  /** Index of the newest inbox record. */
  lastIndex: number;
  devices: { device: number; isConnected: boolean; waiting: number }[];
}

/** A fault over the control interface: the name of a method of `Faults` and its arguments. */
export interface FaultRequest {
  fault:
    | 'cut'
    | 'stall'
    | 'resume'
    | 'closeWith'
    | 'dropNextAcks'
    | 'delayAcks'
    | 'nackNext'
    | 'loseNextReceipts'
    | 'omitNextOfflineMarkers'
    | 'corruptNextMessages'
    | 'clear';
  device?: number;
  code?: number;
  count?: number;
  delayMs?: number;
}

type RemoteMatch = Exclude<MessageMatch, (...args: never[]) => unknown>;
type RemoteSendOptions = Omit<SendOptions, 'quote'> & { quote?: InboxRecord };
type RemoteMediaOptions = Omit<MediaOptions, 'quote'> & { quote?: InboxRecord };

/** The control interface answered with an error. */
export class SimulatorError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A simulator in another process: the same acts as `Simulator`, over HTTP. */
export class SimulatorClient {
  constructor(readonly controlUrl: string) {}

  info(): Promise<{ url: string; rootKeyHex: string; caPem: string }> {
    return this.call('GET', '/info');
  }

  /** The person with this number, made on first use. */
  async person(number: string, options: PersonOptions = {}): Promise<RemotePerson> {
    const description = await this.call<PersonDescription>('PUT', `/people/${number}`, options);
    return new RemotePerson(this, description.number);
  }

  persons(): Promise<PersonDescription[]> {
    return this.call('GET', '/people');
  }

  /** A recipient for load. */
  async sink(number: string): Promise<RemoteSink> {
    const { number: canonical } = await this.call<{ number: string }>('PUT', `/sinks/${number}`);
    return new RemoteSink(this, canonical);
  }

  scanQr(qr: string, number: string, options: { name?: string } = {}): Promise<LinkedDevice> {
    return this.call('POST', `/people/${number}/scan`, { qr, ...options });
  }

  enterPairingCode(number: string, code: string, options: { name?: string } = {}): Promise<LinkedDevice> {
    return this.call('POST', `/people/${number}/code`, { code, ...options });
  }

  async unlink(number: string, device: number): Promise<void> {
    await this.call('DELETE', `/people/${number}/devices/${device}`);
  }

  async fault(number: string, request: FaultRequest): Promise<void> {
    await this.call('POST', `/people/${number}/faults`, request);
  }

  problems(): Promise<Problem[]> {
    return this.call('GET', '/problems');
  }

  async clearProblems(): Promise<void> {
    await this.call('DELETE', '/problems');
  }

  /** Rejects, with the list, when there are problems or when something still waits for a device that is connected. */
  async assertHealthy(): Promise<void> {
    const { healthy, reason } = await this.call<{ healthy: boolean; reason?: string }>('GET', '/health');
    if (!healthy) throw new Error(reason);
  }

  async settle(options: { timeoutMs?: number } = {}): Promise<void> {
    await this.call('POST', '/settle', options);
  }

  stats(): Promise<Record<string, number>> {
    return this.call('GET', '/stats');
  }

  stanzaLog(after = 0): Promise<LoggedStanza[]> {
    return this.call('GET', `/stanzas?after=${after}`);
  }

  /** One request. Rejects with `SimulatorError`, or `WaitTimeout` when a wait ended without what it waited for. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.fetch(method, path, body);
    return (await response.json()) as T;
  }

  async fetch(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(this.controlUrl + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (response.ok) return response;
    const { error } = (await response.json()) as { error: string };
    throw response.status === 408 ? new WaitTimeout(error) : new SimulatorError(response.status, error);
  }
}

/** A person in another process: the same acts as `Person`, with inbox records in place of messages. */
export class RemotePerson {
  constructor(
    private readonly client: SimulatorClient,
    readonly number: string,
  ) {}

  describe(): Promise<PersonDescription> {
    return this.client.call('GET', this.path(''));
  }

  sendText(to: string, text: string, options: RemoteSendOptions = {}): Promise<string> {
    return this.send({ to, text, ...wireOptions(options) });
  }

  sendImage(to: string, file: Uint8Array, options: RemoteMediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'image', file, { mimetype: 'image/jpeg', ...options });
  }

  sendVideo(to: string, file: Uint8Array, options: RemoteMediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'video', file, { mimetype: 'video/mp4', ...options });
  }

  sendAudio(to: string, file: Uint8Array, options: RemoteMediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'audio', file, { mimetype: 'audio/ogg; codecs=opus', ...options });
  }

  sendDocument(to: string, file: Uint8Array, options: RemoteMediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'document', file, { fileName: 'file', ...options });
  }

  sendMedia(to: string, media: string, file: Uint8Array, options: RemoteMediaOptions = {}): Promise<string> {
    return this.send({ to, media, file: Buffer.from(file).toString('base64'), ...wireOptions(options) });
  }

  reply(message: InboxRecord, text: string): Promise<string> {
    return this.sendText(message.chat, text, { quote: message });
  }

  async sendReaction(message: InboxRecord, emoji: string): Promise<string> {
    const body = { index: message.index, emoji };
    return (await this.client.call<{ id: string }>('POST', this.path('/reactions'), body)).id;
  }

  async typing(to: string, state: TypingRecord['state'] = 'composing'): Promise<void> {
    await this.client.call('POST', this.path('/typing'), { to, state });
  }

  /** The records above `after`, oldest first. */
  async inbox(after = 0, limit?: number): Promise<InboxRecord[]> {
    const query = limit === undefined ? `?after=${after}` : `?after=${after}&limit=${limit}`;
    return (await this.client.call<{ records: InboxRecord[] }>('GET', this.path(`/inbox${query}`))).records;
  }

  async downloadMedia(message: InboxRecord): Promise<Buffer> {
    const response = await this.client.fetch('GET', this.path(`/inbox/${message.index}/file`));
    return Buffer.from(await response.arrayBuffer());
  }

  receipts(after = 0): Promise<ReceiptRecord[]> {
    return this.client.call('GET', this.path(`/receipts?after=${after}`));
  }

  expectMessage(match: RemoteMatch, options: WaitOptions = {}): Promise<InboxRecord> {
    return this.client.call('POST', this.path('/expect-message'), { match, ...options });
  }

  expectTyping(from: string, options: WaitOptions & { state?: TypingRecord['state'] } = {}): Promise<TypingRecord> {
    return this.client.call('POST', this.path('/expect-typing'), { from, ...options });
  }

  expectReceipt(id: string, state: ReceiptRecord['state'], options: WaitOptions = {}): Promise<ReceiptRecord> {
    return this.client.call('POST', this.path('/expect-receipt'), { id, state, ...options });
  }

  async markRead(...messages: InboxRecord[]): Promise<void> {
    await this.client.call('POST', this.path('/read'), { indexes: messages.map(({ index }) => index) });
  }

  async markPlayed(...messages: InboxRecord[]): Promise<void> {
    const indexes = messages.map(({ index }) => index);
    await this.client.call('POST', this.path('/read'), { indexes, played: true });
  }

  /** Replaces all habits. */
  async setHabits(habits: Habits): Promise<void> {
    await this.client.call('PUT', this.path('/habits'), habits);
  }

  async goOnline(): Promise<void> {
    await this.client.call('PUT', this.path('/network'), { online: true });
  }

  async goOffline(): Promise<void> {
    await this.client.call('PUT', this.path('/network'), { online: false });
  }

  async setPresence(state: 'available' | 'unavailable'): Promise<void> {
    await this.client.call('PUT', this.path('/presence'), { state });
  }

  private async send(body: object): Promise<string> {
    return (await this.client.call<{ id: string }>('POST', this.path('/messages'), body)).id;
  }

  private path(rest: string): string {
    return `/people/${this.number}${rest}`;
  }
}

/** A sink in another process. */
export class RemoteSink {
  constructor(
    private readonly client: SimulatorClient,
    readonly number: string,
  ) {}

  /** How many messages have come, and the records above `after`. */
  received(after = 0, limit = 1_000): Promise<{ count: number; records: SinkRecord[] }> {
    return this.client.call('GET', `/sinks/${this.number}/received?after=${after}&limit=${limit}`);
  }
}

const wireOptions = ({ quote, ...options }: RemoteMediaOptions): object => ({ ...options, quote: quote?.index });

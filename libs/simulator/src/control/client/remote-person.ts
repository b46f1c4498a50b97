import type { Addressing } from '../../network/account.js';
import type { Habits, MediaOptions, MessageMatch, SendOptions, WaitOptions } from '../../people/person.js';
import type { ReceiptRecord, TypingRecord } from '../../people/phone.js';
import type { InboxRecord } from '../../people/received-message.js';
import type { ControlConnection } from './connection.js';

type RemoteMatch = Exclude<MessageMatch, (...args: never[]) => unknown>;
type RemoteSendOptions = Omit<SendOptions, 'quote'> & { quote?: InboxRecord };
type RemoteMediaOptions = Omit<MediaOptions, 'quote'> & { quote?: InboxRecord };

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

/** A person in another process: the same acts as `Person`, with inbox records in place of messages. */
export class RemotePerson {
  constructor(
    private readonly connection: ControlConnection,
    readonly number: string,
  ) {}

  describe(): Promise<PersonDescription> {
    return this.connection.call('GET', this.path(''));
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
    return (await this.connection.call<{ id: string }>('POST', this.path('/reactions'), body)).id;
  }

  async typing(to: string, state: TypingRecord['state'] = 'composing'): Promise<void> {
    await this.connection.call('POST', this.path('/typing'), { to, state });
  }

  /** The records above `after`, oldest first. */
  async inbox(after = 0, limit?: number): Promise<InboxRecord[]> {
    const query = limit === undefined ? `?after=${after}` : `?after=${after}&limit=${limit}`;
    return (await this.connection.call<{ records: InboxRecord[] }>('GET', this.path(`/inbox${query}`))).records;
  }

  async downloadMedia(message: InboxRecord): Promise<Buffer> {
    const response = await this.connection.fetch('GET', this.path(`/inbox/${message.index}/file`));
    return Buffer.from(await response.arrayBuffer());
  }

  receipts(after = 0): Promise<ReceiptRecord[]> {
    return this.connection.call('GET', this.path(`/receipts?after=${after}`));
  }

  expectMessage(match: RemoteMatch, options: WaitOptions = {}): Promise<InboxRecord> {
    return this.connection.call('POST', this.path('/expect-message'), { match, ...options });
  }

  expectTyping(from: string, options: WaitOptions & { state?: TypingRecord['state'] } = {}): Promise<TypingRecord> {
    return this.connection.call('POST', this.path('/expect-typing'), { from, ...options });
  }

  expectReceipt(id: string, state: ReceiptRecord['state'], options: WaitOptions = {}): Promise<ReceiptRecord> {
    return this.connection.call('POST', this.path('/expect-receipt'), { id, state, ...options });
  }

  async markRead(...messages: InboxRecord[]): Promise<void> {
    await this.connection.call('POST', this.path('/read'), { indexes: messages.map(({ index }) => index) });
  }

  async markPlayed(...messages: InboxRecord[]): Promise<void> {
    const indexes = messages.map(({ index }) => index);
    await this.connection.call('POST', this.path('/read'), { indexes, played: true });
  }

  /** Replaces all habits. */
  async setHabits(habits: Habits): Promise<void> {
    await this.connection.call('PUT', this.path('/habits'), habits);
  }

  async goOnline(): Promise<void> {
    await this.connection.call('PUT', this.path('/network'), { online: true });
  }

  async goOffline(): Promise<void> {
    await this.connection.call('PUT', this.path('/network'), { online: false });
  }

  async setPresence(state: 'available' | 'unavailable'): Promise<void> {
    await this.connection.call('PUT', this.path('/presence'), { state });
  }

  private async send(body: object): Promise<string> {
    return (await this.connection.call<{ id: string }>('POST', this.path('/messages'), body)).id;
  }

  private path(rest: string): string {
    return `/people/${this.number}${rest}`;
  }
}

const wireOptions = ({ quote, ...options }: RemoteMediaOptions): object => ({ ...options, quote: quote?.index });

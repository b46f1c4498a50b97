import type { Readable } from 'node:stream';
import type { Address } from './address.js';
import { userChat } from './chat-address.js';
import type { InboundMessage, ReceiptFact, TypingFact } from './content.js';
import { type Connection, EngineError, type StateChange } from './engine.js';

/** One profile over a store that survives its connections. */
export interface ProfileUnderTest {
  readonly address: Address;
  /** The one that is open at the moment. */
  readonly connection: Connection;
  readonly changes: readonly StateChange[];
  readonly received: readonly InboundMessage[];
  readonly receipts: readonly ReceiptFact[];
  readonly typing: readonly TypingFact[];
  /** How often store and sink were written to. */
  readonly writes: number;
  /** A new connection over the same store, connected. */
  reopen(): Promise<void>;
}

/** Somebody on the same network, acted by the test. */
export interface ContactUnderTest {
  readonly address: Address;
  /** What arrived, repeats of one id left out. */
  readonly received: readonly { id: string; text?: string; file?: () => Promise<Uint8Array> }[];
  /** Resolves with the id of the message when the network has it. */
  sendText(to: Address, text: string): Promise<string>;
  sendFile(to: Address, bytes: Uint8Array): Promise<string>;
  read(id: string): void;
  /** Resolves when the profile's receipt of that kind has arrived. */
  confirmed(id: string, state: 'delivered' | 'read'): Promise<void>;
  showTyping(to: Address): void;
  /** Resolves when the profile is seen typing. */
  seesTyping(from: Address): Promise<void>;
}

/** An adapter with a network to run it on. */
export interface EngineUnderTest {
  /** A new profile, linked and connected. */
  profile(): Promise<ProfileUnderTest>;
  contact(): ContactUnderTest;
  /** An address that the network does not know. */
  readonly nobody: Address;
  /** Cuts the profile's connection without a word. */
  cut(profile: ProfileUnderTest): void;
  newId(): string;
  /** A stream of the bytes. */
  stream(bytes: Uint8Array): Readable;
  /** Waits until the condition holds. */
  until<T>(condition: () => T): Promise<NonNullable<T>>;
}

/**
 * What every engine promises, beyond its types. An adapter runs this suite over its own network; what is peculiar to it
 * has specs of its own.
 */
export function describeEngine(name: string, world: () => EngineUnderTest): void {
  describe(`${name} keeps the promises of the engine port`, () => {
    let profile: ProfileUnderTest;
    let contact: ContactUnderTest;

    beforeEach(async () => {
      profile = await world().profile();
      contact = world().contact();
    });
    afterEach(() => profile.connection.close());

    const send = (text: string, waMessageId = world().newId(), to = contact.address) =>
      profile.connection.send(userChat(to), { content: { kind: 'text', text } }, { waMessageId });
    const errorOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error) => error,
      );

    it('is connected as somebody', () => {
      expect(profile.changes.at(-1)).toMatchObject({ code: 'connected', self: { address: profile.address } });
      expect(profile.connection.health).toMatchObject({ isOpen: true, lastStanzaAt: expect.any(Date) });
    });

    it('sends under the id that it was given, and knows when', async () => {
      const id = world().newId();
      const { acknowledgedAt } = await send('hello', id);
      expect(Math.abs(acknowledgedAt.getTime() - Date.now())).toBeLessThan(10_000);
      await world().until(() => contact.received.some((each) => each.id === id && each.text === 'hello'));
    });

    it('sends again under the same id without a second message', async () => {
      const id = world().newId();
      await send('once', id);
      await send('once', id);
      await send('after');
      await world().until(() => contact.received.some(({ text }) => text === 'after'));
      expect(contact.received.filter((each) => each.id === id)).toHaveLength(1);
    });

    it('refuses a recipient that does not exist, for certain', async () => {
      const error = await errorOf(send('nobody', world().newId(), world().nobody));
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({
        code: 'recipient_not_on_whatsapp',
        facts: { retryable: false, outcome: 'not_sent' },
      });
    });

    it('hands over what arrives, with the name of nobody but the sender', async () => {
      const id = await contact.sendText(profile.address, 'hello');
      await world().until(() => profile.received.length > 0);
      expect(profile.received).toMatchObject([
        {
          waMessageId: id,
          fromMe: false,
          chat: contact.address,
          author: contact.address,
          content: { kind: 'text', text: 'hello' },
        },
      ]);
    });

    it('hands over what arrived while it was closed, once', async () => {
      await profile.connection.close();
      await contact.sendText(profile.address, 'while closed');
      await profile.reopen();
      await contact.sendText(profile.address, 'and now');
      await world().until(() => profile.received.length > 1);
      const texts = profile.received.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
      expect(texts).toEqual(['while closed', 'and now']);
    });

    it('comes back by itself when the connection is cut', async () => {
      world().cut(profile);
      await world().until(() => profile.changes.some(({ code }) => code === 'connection_lost'));
      await world().until(() => profile.changes.at(-1)?.code === 'connected');
      await contact.sendText(profile.address, 'still there?');
      await world().until(() => profile.received.length > 0);
      expect(profile.connection.health.reconnects).toBe(1);
    });

    it('reports delivery and reading of what it sent', async () => {
      const id = world().newId();
      await send('read me', id);
      await world().until(() => contact.received.length > 0);
      contact.read(id);
      const states = () => profile.receipts.filter((each) => each.waMessageIds.includes(id)).map(({ state }) => state);
      await world().until(() => states().includes('read'));
      expect(states()).toEqual(['delivered', 'read']);
      expect(profile.receipts[0]).toMatchObject({ chat: userChat(contact.address), by: contact.address });
    });

    it('confirms what arrived, and tells reading only when asked', async () => {
      const id = await contact.sendText(profile.address, 'confirm me');
      await contact.confirmed(id, 'delivered');
      await profile.connection.markRead(userChat(contact.address), [{ waMessageId: id, author: null }]);
      await contact.confirmed(id, 'read');
    });

    it('shows typing both ways', async () => {
      await send('hello');
      await profile.connection.setTyping(userChat(contact.address), 'composing');
      await contact.seesTyping(profile.address);
      contact.showTyping(profile.address);
      await world().until(() => profile.typing.some(({ state }) => state === 'composing'));
      expect(profile.typing[0]).toMatchObject({ chat: userChat(contact.address), by: contact.address });
    });

    it('carries files both ways', async () => {
      const bytes = Buffer.from('a file of some bytes'.repeat(5_000));
      const media = { mediaId: 'm', mimeType: 'application/pdf', sizeBytes: bytes.length, sha256: null };
      const openMedia = async () => world().stream(bytes);
      const content = { kind: 'document', media } as const;
      await profile.connection.send(
        userChat(contact.address),
        { content, openMedia },
        { waMessageId: world().newId() },
      );
      const sent = await world().until(() => contact.received[0]?.file);
      expect(Buffer.from(await sent()).equals(bytes)).toBe(true);
      await contact.sendFile(profile.address, bytes);
      const { download } = await world().until(() => profile.received[0]);
      const chunks: Buffer[] = [];
      for await (const chunk of await profile.connection.download(download!)) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });

    it('closes twice, and then writes nothing and sends nothing', async () => {
      await Promise.all([profile.connection.close(), profile.connection.close()]);
      const { writes } = profile;
      const id = await contact.sendText(profile.address, 'too late');
      const error = await errorOf(send('too late'));
      expect(error).toMatchObject({ code: 'not_connected', facts: { retryable: true, outcome: 'not_sent' } });
      expect(profile.connection.health.isOpen).toBe(false);
      expect(profile.writes).toBe(writes);
      await profile.reopen();
      await contact.confirmed(id, 'delivered');
    });

    it('ends the link on request, and then needs a new one', async () => {
      await profile.connection.logout();
      expect(profile.changes.at(-1)?.code).toBe('logged_out_by_user');
      expect(profile.connection.health.isOpen).toBe(false);
    });
  });
}

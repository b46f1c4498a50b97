import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { newId } from '#contracts';
import { Database, removeUnnamedMedia } from '#database';
import {
  type Address,
  type ChatAddress,
  type Connection,
  type OutgoingAction,
  type OutgoingContent,
  type SendableContent,
  type SendOptions,
  userChat,
} from '#engine';
import type { MediaStorage } from '#storage';
import { buildActor, createTestDatabase, type TestDatabase, until } from '#testing';
import type { Logger } from '../platform/logger.js';
import { ana, neighbours } from './inbound-facts.for-spec.js';
import { MessageActions } from './message-actions.js';
import { MessageDeliverer } from './message-deliverer.js';
import type { MessageDraft } from './message-draft.js';
import { MessageSender } from './message-sender.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent } as unknown as Logger;

/** What the engine was asked for, in order. */
type Asked =
  | { to: ChatAddress; outgoing: OutgoingContent; options: SendOptions }
  | { to: ChatAddress; action: OutgoingAction; options: SendOptions };

describe('sends to chats of every kind', () => {
  let database: TestDatabase;
  let db: Database;
  let owned: OwnedForSpec;
  let asked: Asked[];
  let deliverer: MessageDeliverer;
  const files = new Map<string, string>();

  const connection = {
    send: async (to: ChatAddress, outgoing: OutgoingContent, options: SendOptions) => {
      asked.push({ to, outgoing, options });
      return { acknowledgedAt: new Date() };
    },
    act: async (to: ChatAddress, action: OutgoingAction, options: SendOptions) => {
      asked.push({ to, action, options });
      return { acknowledgedAt: new Date() };
    },
    setTyping: async () => undefined,
  } as unknown as Connection;
  const storage = { open: async (key: string) => Readable.from([files.get(key)!]) } as unknown as MediaStorage;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'deliver to chats spec');
  });
  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
    asked = [];
    deliverer = new MessageDeliverer({ db, storage, log: silent }, owned, connection);
  });
  afterEach(() => deliverer.stop(2_000));
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const accept = (...drafts: MessageDraft[]) =>
    new MessageSender(db, {} as never, { expiryMs: 3_600_000 }).accept(buildActor(owned.profile), {
      profileId: owned.profile.profileId,
      lane: 'interactive',
      drafts,
    });
  const words = (said: string): SendableContent => ({ kind: 'text', text: said });
  const delivered = async () => {
    deliverer.start();
    await until(async () => (await owned.waiting()).length === 0, { what: 'the outbox to be empty' });
    return asked;
  };
  const file = (said: string) => {
    const [mediaId, storageKey] = [newId<never>(), newId<string>()];
    files.set(storageKey, said);
    const facts = { mediaId, mimeType: 'image/png', sizeBytes: 3, sha256: 'a'.repeat(64) };
    return { facts, taken: { ...facts, storageKey, fileName: null } as never };
  };

  it('go to the address of their chat', async () => {
    const audience: Address[] = [{ phone: '4915100000001', lid: null }];
    const newsletter: ChatAddress = { kind: 'newsletter', id: '120363000000000001' };
    await accept(
      { to: neighbours, content: words('group') },
      { to: newsletter, content: words('newsletter') },
      { to: { kind: 'status' }, content: words('status'), audience },
      { to: userChat({ phone: '4915100000001', lid: null }), content: words('person') },
    );
    const sent = (await delivered()).map(({ to, options }) => ({ to, audience: options.audience }));
    expect(sent).toEqual(
      expect.arrayContaining([
        { to: neighbours, audience: undefined },
        { to: newsletter, audience: undefined },
        { to: { kind: 'status' }, audience },
        { to: userChat({ phone: '4915100000001', lid: null }), audience: undefined },
      ]),
    );
  });

  it('open each of several files by its id', async () => {
    const [one, two] = [file('one'), file('two')];
    const card = (media: typeof one.facts) => ({
      ...{ text: 'card', media: { kind: 'image' as const, media } },
      buttons: [{ type: 'reply' as const, id: 'x', title: 'Take it' }],
    });
    const content: SendableContent = {
      ...{ kind: 'carousel', text: 'Choose', fallback: false },
      cards: [card(one.facts), card(two.facts)],
    };
    await accept({ to: userChat(ana), content, media: [one.taken, two.taken] });
    // A file that a card names is named: the sweeper leaves it.
    expect(await removeUnnamedMedia(db, [one.facts.mediaId, two.facts.mediaId])).toEqual([]);
    const [send] = await delivered();
    const { openMedia } = (send as Extract<Asked, { outgoing: unknown }>).outgoing;
    expect(await text(await openMedia!(two.facts.mediaId))).toBe('two');
    expect(await text(await openMedia!(one.facts.mediaId))).toBe('one');
    await expect(openMedia!(newId())).rejects.toMatchObject({ code: 'media_missing' });
  });

  it('carry actions behind the message that they are done to', async () => {
    const { messages } = await accept({ to: neighbours, content: words('first words') });
    const { id, waMessageId } = messages[0]!;
    const actions = new MessageActions(db, { expiryMs: 3_600_000 });
    const { profileId } = owned.profile;
    const edit = { kind: 'edit', text: 'better words' } as const;
    const accepted = await actions.accept(buildActor(owned.profile), profileId, { target: id, action: edit });
    const [send, act] = await delivered();
    expect(send).toMatchObject({ options: { waMessageId } });
    expect(act).toMatchObject({
      to: neighbours,
      options: { waMessageId: accepted.waMessageId },
      action: { action: edit, target: { waMessageId, fromMe: true }, targetContent: words('first words') },
    });
  });
});

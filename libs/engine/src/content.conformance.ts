import type { MessageAction } from '#contracts';
import type { Address } from './address.js';
import { userChat } from './chat-address.js';
import type { InboundAction, SendableContent } from './content.js';
import type { ContactUnderTest, EngineUnderTest, ProfileUnderTest } from './engine.conformance.js';
import { EngineError } from './engine.js';

/** A profile that also keeps what was done to messages. */
export interface ReaderUnderTest extends ProfileUnderTest {
  readonly actions: readonly InboundAction[];
}

/** What the contact's phone shows of one message. */
export interface SeenMessage {
  kind: string;
  text?: string;
  reactions: string[];
  isRevoked: boolean;
  isPinned: boolean;
  /** Of a poll: the options that the profile chose. */
  votes: string[];
}

/** Somebody who says and does whatever WhatsApp knows. */
export interface TalkerUnderTest extends ContactUnderTest {
  /** Resolves with the id. Only kinds without files. */
  says(to: Address, content: SendableContent): Promise<string>;
  /** Does something to a message in the chat with the profile: one of their own, or one of the profile's. */
  does(to: Address, action: MessageAction, target: { id: string; isOwn: boolean }): Promise<void>;
  sees(chat: Address, message: { id: string; isOwn: boolean }): SeenMessage | null;
}

export interface ContentEngineUnderTest extends EngineUnderTest {
  profile(): Promise<ReaderUnderTest>;
  contact(): TalkerUnderTest;
}

const plain: SendableContent[] = [
  { kind: 'text', text: 'words', forwardingScore: 1 },
  { kind: 'location', latitude: 1.5, longitude: -2.5, name: 'Here' },
  { kind: 'contacts', contacts: [{ name: 'Ann', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD' }] },
  { kind: 'poll', question: 'Which?', options: ['tea', 'milk'], selectable: 1 },
  { kind: 'event', name: 'Party', startsAt: '2031-01-01T18:00:00.000Z' },
];
const media = { mediaId: 'm', mimeType: 'image/png', sizeBytes: 4, sha256: null };
const files: SendableContent[] = [
  { kind: 'image', media, caption: 'look' },
  { kind: 'video', media: { ...media, mimeType: 'video/mp4' }, gif: true },
  { kind: 'audio', media: { ...media, mimeType: 'audio/ogg; codecs=opus' }, voice: true },
  { kind: 'sticker', media: { ...media, mimeType: 'image/webp' } },
];

/** What every engine promises of the kinds of messages and of what is done to them. Part of the suite of the port. */
export function describeContent(name: string, world: () => ContentEngineUnderTest): void {
  describe(`${name} keeps the promises about what messages say`, () => {
    let profile: ReaderUnderTest;
    let contact: TalkerUnderTest;

    beforeAll(async () => {
      profile = await world().profile();
      contact = world().contact();
    });
    afterAll(() => profile.connection.close());

    const chat = () => userChat(contact.address);
    async function sent(content: SendableContent, waMessageId = world().newId()): Promise<string> {
      const openMedia = async () => world().stream(Buffer.from('file'));
      await profile.connection.send(chat(), { content, openMedia }, { waMessageId });
      await world().until(() => seen(waMessageId));
      return waMessageId;
    }
    const seen = (id: string) => contact.sees(profile.address, { id, isOwn: false });
    const received = (id: string) => world().until(() => profile.received.find((each) => each.waMessageId === id));
    const ours = (waMessageId: string) => ({ waMessageId, fromMe: true, author: profile.address });
    const theirs = (waMessageId: string) => ({ waMessageId, fromMe: false, author: contact.address });
    const told = (id: string, kind: MessageAction['kind']) =>
      world().until(() => profile.actions.find((each) => each.target.waMessageId === id && each.action.kind === kind));
    const act = (action: MessageAction, target: ReturnType<typeof ours>, waMessageId = world().newId()) =>
      profile.connection.act(chat(), { action, target }, { waMessageId });

    it.each(plain)('carries it both ways: $kind', async (content) => {
      expect(seen(await sent(content))!.kind).not.toBe('other');
      const message = await received(await contact.says(profile.address, content));
      const { forwardingScore: _, ...said } = content;
      expect(message).toMatchObject({ author: contact.address, content: said });
    });

    it.each(files)('carries files: $kind', async (content) => {
      expect(seen(await sent(content))!.kind).toBe(content.kind);
    });

    it('reacts, edits and deletes', async () => {
      const id = await sent({ kind: 'text', text: 'frist' });
      await act({ kind: 'edit', text: 'first' }, ours(id));
      await world().until(() => seen(id)!.text === 'first');
      await act({ kind: 'revoke' }, ours(id));
      await world().until(() => seen(id)!.isRevoked);
      const from = await contact.sendText(profile.address, 'react to me');
      await received(from);
      await act({ kind: 'reaction', emoji: '👍' }, theirs(from));
      await world().until(() => contact.sees(profile.address, { id: from, isOwn: true })!.reactions.includes('👍'));
      await act({ kind: 'pin', seconds: 86_400 }, theirs(from));
      await world().until(() => contact.sees(profile.address, { id: from, isOwn: true })!.isPinned);
    });

    it.each<MessageAction>([
      { kind: 'reaction', emoji: '❤️' },
      { kind: 'pin', seconds: 604_800 },
    ])('hands over what is done to our messages: $kind', async (action) => {
      const id = await sent({ kind: 'text', text: 'do it' });
      await contact.does(profile.address, action, { id, isOwn: false });
      expect(await told(id, action.kind)).toMatchObject({ action, target: ours(id), author: contact.address });
    });

    it.each<MessageAction>([{ kind: 'edit', text: 'better' }, { kind: 'revoke' }])(
      'hands over what is done to theirs: $kind',
      async (action) => {
        const id = await contact.sendText(profile.address, 'worse');
        await received(id);
        await contact.does(profile.address, action, { id, isOwn: true });
        expect(await told(id, action.kind)).toMatchObject({ action, target: theirs(id), fromMe: false });
      },
    );

    it('votes, and reads votes by the words of their options', async () => {
      const poll: SendableContent = { kind: 'poll', question: 'Which?', options: ['tea', 'milk'], selectable: 1 };
      const id = await sent(poll);
      await contact.does(profile.address, { kind: 'poll_vote', options: ['milk'] }, { id, isOwn: false });
      expect((await told(id, 'poll_vote')).action).toEqual({ kind: 'poll_vote', options: ['milk'] });
      const other = await contact.says(profile.address, poll);
      await received(other);
      await act({ kind: 'poll_vote', options: ['tea'] }, theirs(other));
      await world().until(() => contact.sees(profile.address, { id: other, isOwn: true })!.votes.includes('tea'));
    });

    it('does nothing to what it does not know', async () => {
      const unknown = theirs(world().newId());
      await expect(act({ kind: 'poll_vote', options: ['tea'] }, unknown)).rejects.toMatchObject({
        code: 'target_unknown',
        facts: { outcome: 'not_sent' },
      });
    });

    it('refuses for certain what its capabilities exclude, before anything goes out', async () => {
      const { kinds } = profile.connection.capabilities.content;
      for (const content of [...plain, ...files]) {
        if (kinds[content.kind].to.includes('broadcast')) continue;
        const waMessageId = world().newId();
        const sending = profile.connection.send({ kind: 'broadcast', id: '1700000000' }, { content }, { waMessageId });
        const error = await sending.catch((refused) => refused);
        expect(error).toBeInstanceOf(EngineError);
        expect(error).toMatchObject({ code: 'not_supported', facts: { retryable: false, outcome: 'not_sent' } });
      }
    });
  });
}

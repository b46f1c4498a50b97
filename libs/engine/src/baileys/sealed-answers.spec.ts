import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { type SealPurpose, seal } from './content/sealed.js';
import { openAnswer, type SealedAnswer } from './sealed-answers.js';

const us = { phone: '15550001001', lid: '111' };
const carl = { phone: '15550002001', lid: '222' };
const secret = Buffer.alloc(32, 7);
const hashOf = (option: string) => createHash('sha256').update(option).digest();

/** An answer of Carl to a message of ours, with the names that his client used. */
function answer(
  purpose: SealPurpose,
  plain: Uint8Array,
  names = { author: '111@lid', answerer: '222@lid' },
): SealedAnswer {
  return {
    type: 'sealed',
    journalId: 'J',
    waMessageId: 'V',
    fromMe: false,
    chat: { kind: 'user', ...carl },
    author: carl,
    pushName: 'Carl',
    sentAt: new Date(0),
    target: { waMessageId: 'T', fromMe: true, author: us },
    purpose,
    payload: seal(plain, purpose, secret, { waMessageId: 'T', ...names }),
    named: null,
  };
}
const known = (content: MessageContent) => ({ secret, author: us, content });
const poll: MessageContent = { kind: 'poll', question: 'Tea?', options: ['yes', 'no', 'later'], selectable: 0 };
const vote = (...options: string[]) =>
  proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hashOf) }).finish();

describe('answers that are sealed with the secret of what they answer', () => {
  it.each([
    { author: '111@lid', answerer: '222@lid' },
    { author: '15550001001@s.whatsapp.net', answerer: '15550002001@s.whatsapp.net' },
    { author: '15550001001@s.whatsapp.net', answerer: '222@lid' },
  ])('a vote, whatever people are called in it: %o', (names) => {
    expect(openAnswer(answer('Poll Vote', vote('yes', 'later'), names), known(poll))).toEqual({
      type: 'action',
      journalId: 'J',
      waMessageId: 'V',
      fromMe: false,
      chat: { kind: 'user', ...carl },
      author: carl,
      pushName: 'Carl',
      sentAt: new Date(0),
      target: { waMessageId: 'T', fromMe: true, author: us },
      action: { kind: 'poll_vote', options: ['yes', 'later'] },
    });
  });

  it('a vote that is taken back, and one for what the poll does not have', () => {
    expect(openAnswer(answer('Poll Vote', vote()), known(poll))).toMatchObject({ action: { options: [] } });
    expect(openAnswer(answer('Poll Vote', vote('never')), known(poll))).toMatchObject({ action: { options: [] } });
  });

  it('nothing with another secret, from somebody else, or for what is no poll', () => {
    const sealed = answer('Poll Vote', vote('yes'));
    expect(openAnswer(sealed, { ...known(poll), secret: Buffer.alloc(32) })).toBeNull();
    expect(openAnswer({ ...sealed, author: { phone: null, lid: '333' } }, known(poll))).toBeNull();
    expect(openAnswer(sealed, known({ kind: 'text', text: 'hello' }))).toBeNull();
    expect(
      openAnswer({ ...sealed, payload: { encPayload: Buffer.alloc(3), encIv: Buffer.alloc(12) } }, known(poll)),
    ).toBeNull();
  });

  it.each([
    [1, 'going'],
    [2, 'not_going'],
    [3, 'maybe'],
  ])('an answer to an event: %i', (response, word) => {
    const plain = proto.Message.EventResponseMessage.encode({
      response,
      extraGuestCount: response === 1 ? 2 : 0,
    }).finish();
    const event: MessageContent = { kind: 'event', name: 'Party', startsAt: '2030-01-01T18:00:00.000Z' };
    expect(openAnswer(answer('Event Response', plain), known(event))).toMatchObject({
      action: { kind: 'event_response', response: word, ...(response === 1 ? { extraGuests: 2 } : {}) },
    });
  });

  it('a reaction and a comment in the announcements of a community', () => {
    const reaction = proto.Message.ReactionMessage.encode({ text: '❤️' }).finish();
    expect(openAnswer(answer('Enc Reaction', reaction), known(poll))).toMatchObject({
      action: { kind: 'reaction', emoji: '❤️' },
    });
    const comment = proto.Message.encode({ conversation: 'nice' }).finish();
    expect(openAnswer(answer('Enc Comment', comment), known(poll))).toMatchObject({
      type: 'message',
      waMessageId: 'V',
      author: carl,
      quotedWaMessageId: 'T',
      content: { kind: 'text', text: 'nice' },
    });
  });

  it('an edit by who wrote the message, not by another', () => {
    const plain = proto.Message.encode({
      protocolMessage: { type: 14, editedMessage: { conversation: 'new' } },
    }).finish();
    expect(openAnswer(answer('Message Edit', plain), known(poll))).toBeNull();
    const own = { ...answer('Message Edit', plain, { author: '222@lid', answerer: '222@lid' }) };
    own.target = { waMessageId: 'T', fromMe: false, author: carl };
    expect(openAnswer(own, { ...known(poll), author: carl })).toMatchObject({ action: { kind: 'edit', text: 'new' } });
  });
});

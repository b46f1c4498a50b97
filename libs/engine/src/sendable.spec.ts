import { whatsAppCapabilities } from './capabilities.js';
import type { OutgoingAction, SendableContent } from './content.js';
import type { ChatKind } from './content-capabilities.js';
import { assertActable, assertSendable } from './sendable.js';

const media = { mediaId: 'm', mimeType: 'image/png', sizeBytes: 10, sha256: null };
const codeOf = (check: () => void): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const sendCode = (content: SendableContent, kind: ChatKind = 'user') =>
  codeOf(() => assertSendable(content, { kind }, whatsAppCapabilities));
const actCode = (
  action: OutgoingAction['action'],
  target: Partial<OutgoingAction['target']> = {},
  kind: ChatKind = 'user',
) =>
  codeOf(() =>
    assertActable(
      { action, target: { waMessageId: 'T', fromMe: true, author: null, ...target } },
      { kind },
      whatsAppCapabilities,
    ),
  );
const poll = (more: object): SendableContent => ({
  kind: 'poll',
  question: 'q',
  options: ['a', 'b'],
  selectable: 1,
  ...more,
});

describe('what can be sent', () => {
  it.each<[SendableContent, ChatKind]>([
    [{ kind: 'text', text: 'x'.repeat(65_536) }, 'user'],
    [{ kind: 'text', text: 'x'.repeat(700) }, 'status'],
    [{ kind: 'image', media, viewOnce: true }, 'group'],
    [poll({ options: Array.from({ length: 12 }, (_, index) => `o${index}`), selectable: 0 }), 'newsletter'],
    [{ kind: 'location', latitude: 90, longitude: -180 }, 'user'],
    [{ kind: 'event', name: 'e', startsAt: '2031-01-01T00:00:00Z', endsAt: '2031-01-01T01:00:00Z' }, 'group'],
    [{ kind: 'buttons', text: 't', buttons: [], fallback: false }, 'group'],
  ])('what is within the limits, number %#', (content, kind) => {
    expect(sendCode(content, kind)).toBeNull();
  });

  it.each<[string, SendableContent, ChatKind]>([
    ['content_too_long', { kind: 'text', text: 'x'.repeat(65_537) }, 'user'],
    ['content_too_long', { kind: 'text', text: 'x'.repeat(701) }, 'status'],
    ['content_too_long', { kind: 'image', media, caption: 'x'.repeat(65_537) }, 'user'],
    ['content_invalid', { kind: 'text', text: '' }, 'user'],
    ['content_invalid', poll({ options: ['a'] }), 'user'],
    ['content_invalid', poll({ options: ['a', 'a'] }), 'user'],
    ['content_invalid', poll({ options: ['a', ''] }), 'user'],
    ['content_invalid', poll({ question: '' }), 'user'],
    ['content_invalid', poll({ selectable: 3 }), 'user'],
    ['content_too_long', poll({ question: 'x'.repeat(256) }), 'user'],
    ['content_too_long', poll({ options: ['a', 'x'.repeat(101)] }), 'user'],
    ['content_invalid', { kind: 'contacts', contacts: [] }, 'user'],
    ['content_invalid', { kind: 'location', latitude: 91, longitude: 0 }, 'user'],
    ['content_invalid', { kind: 'location', latitude: Number.NaN, longitude: 0 }, 'user'],
    ['content_invalid', { kind: 'event', name: 'e', startsAt: 'soon' }, 'group'],
    ['content_invalid', { kind: 'event', name: 'e', startsAt: '2031-01-02', endsAt: '2031-01-01' }, 'group'],
    ['media_too_large', { kind: 'sticker', media: { ...media, sizeBytes: 2 ** 30 } }, 'user'],
    ['not_supported', { kind: 'document', media, viewOnce: true }, 'user'],
    ['not_supported', { kind: 'image', media, viewOnce: true }, 'status'],
    ['not_supported', { kind: 'document', media }, 'newsletter'],
    ['not_supported', { kind: 'event', name: 'e', startsAt: '2031-01-01' }, 'status'],
    ['not_supported', { kind: 'text', text: 'x' }, 'broadcast'],
  ])('what is not: %s, number %#', (code, content, kind) => {
    expect(sendCode(content, kind)).toBe(code);
  });
});

describe('what can be done to messages', () => {
  const carl = { fromMe: false, author: { phone: '15550002001', lid: null } };

  it('within what WhatsApp knows', () => {
    expect(actCode({ kind: 'reaction', emoji: '👍' }, carl)).toBeNull();
    expect(actCode({ kind: 'edit', text: 'new' })).toBeNull();
    expect(actCode({ kind: 'revoke' }, carl, 'group')).toBeNull();
    expect(actCode({ kind: 'pin', seconds: 604_800 }, carl)).toBeNull();
    expect(actCode({ kind: 'pin', seconds: null }, carl)).toBeNull();
  });

  it('and nothing else', () => {
    expect(actCode({ kind: 'edit', text: 'new' }, carl)).toBe('not_supported');
    expect(actCode({ kind: 'edit', text: 'x'.repeat(65_537) })).toBe('content_too_long');
    expect(actCode({ kind: 'revoke' }, carl)).toBe('not_supported');
    expect(actCode({ kind: 'pin', seconds: 60 }, carl)).toBe('content_invalid');
    expect(actCode({ kind: 'reaction', emoji: '👍' }, { fromMe: false }, 'group')).toBe('content_invalid');
    expect(actCode({ kind: 'poll_vote', options: [] }, carl, 'newsletter')).toBe('not_supported');
  });
});

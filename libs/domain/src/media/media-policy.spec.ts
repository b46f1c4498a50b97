import type { MediaKind } from '#contracts';
import { type InboundMessage, userChat } from '#engine';
import { defaultMediaPolicy, LARGEST_FILE_BYTES, type MediaPolicy, withMissing } from './media-policy.js';

const friend = { phone: '4915300000001', lid: null };

function message(kind: MediaKind, more: { sizeBytes?: number; download?: Uint8Array | null; isHistory?: true } = {}) {
  const { sizeBytes = 1000, download = Buffer.from('token'), isHistory } = more;
  const media = { mediaId: null, mimeType: 'image/png', sizeBytes, sha256: null };
  return {
    type: 'message',
    ...{ journalId: null, waMessageId: 'A', fromMe: false, chat: userChat(friend), author: friend, pushName: null },
    ...{ sentAt: new Date(), quotedWaMessageId: null, secret: null, download, isHistory },
    content: { kind, media, voice: false },
  } as unknown as InboundMessage;
}

const missingOf = (fact: InboundMessage, policy: Partial<MediaPolicy> = {}) =>
  (withMissing(fact, { ...defaultMediaPolicy, ...policy }) as unknown as { content: { media: object } }).content.media;

describe('when a received file is fetched', () => {
  it.each<[string, InboundMessage, Partial<MediaPolicy>, string]>([
    ['at once by default', message('image'), {}, 'waiting'],
    ['on demand when the organization says so', message('image'), { download: 'on_demand' }, 'on_demand'],
    ['on demand when it is larger than wanted', message('video', { sizeBytes: 5001 }), { maxBytes: 5000 }, 'on_demand'],
    ['at once when it is as large as wanted', message('video', { sizeBytes: 5000 }), { maxBytes: 5000 }, 'waiting'],
    ['on demand when its kind is not wanted', message('video'), { kinds: ['image'] }, 'on_demand'],
    ['on demand when it came with the history', message('image', { isHistory: true }), {}, 'on_demand'],
    [
      'never when it is too large for WhatsApp',
      message('image', { sizeBytes: LARGEST_FILE_BYTES + 1 }),
      {},
      'too_large',
    ],
    ['never when there is no way to it', message('image', { download: null }), {}, 'no_file'],
  ])('%s', (_, fact, policy, missing) => {
    expect(missingOf(fact, policy)).toMatchObject({ missing });
  });

  it('leaves other messages as they are', () => {
    const text = { ...message('image'), content: { kind: 'text', text: 'hi' } } as InboundMessage;
    expect(withMissing(text, defaultMediaPolicy)).toBe(text);
  });
});

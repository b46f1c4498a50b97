import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { baileysLogger } from '../baileys-logger.js';
import { silentLogger } from '../test-profile.for-spec.js';
import { contentFrom } from './from-message.js';
import { buildProto } from './to-proto.js';

const uploads: { type: string; bytes: Buffer }[] = [];
const context = {
  logger: baileysLogger(silentLogger),
  upload: async (path: string, { mediaType }: { mediaType: string }) => {
    uploads.push({ type: mediaType, bytes: await readFile(path) });
    return { mediaUrl: 'https://mmg.example/1', directPath: '/1' };
  },
};
const bytes = Buffer.from('the bytes of a file');
const openMedia = async () => Readable.from([bytes]);
const facts = { mediaId: 'm', sizeBytes: bytes.length, sha256: null };

describe('building a message', () => {
  beforeEach(() => {
    uploads.length = 0;
  });

  it('text, without looking at the pages it mentions', async () => {
    const message = await buildProto({ content: { kind: 'text', text: 'see https://example.com' } }, context);
    expect(message).toEqual({ extendedTextMessage: { text: 'see https://example.com' } });
  });

  it('an answer carries what it quotes', async () => {
    const quoted = {
      waMessageId: 'Q',
      fromMe: false,
      author: { phone: '15550002001', lid: null },
      content: { kind: 'text', text: 'the question' },
    } as const;
    const message = await buildProto({ content: { kind: 'text', text: 'the answer' }, quoted }, context);
    expect(message.extendedTextMessage?.contextInfo).toEqual({
      stanzaId: 'Q',
      participant: '15550002001@s.whatsapp.net',
      quotedMessage: { conversation: 'the question' },
    });
  });

  it.each([
    { kind: 'image', media: { ...facts, mimeType: 'image/png' }, caption: 'look' },
    { kind: 'video', media: { ...facts, mimeType: 'video/mp4', durationSeconds: 7 }, caption: 'look' },
    { kind: 'audio', media: { ...facts, mimeType: 'audio/ogg; codecs=opus', durationSeconds: 2 }, voice: true },
    { kind: 'document', media: { ...facts, mimeType: 'application/pdf', fileName: 'a.pdf' }, caption: 'here' },
  ] as const)('$kind: uploaded encrypted, and read back as it was meant', async (content) => {
    const message = await buildProto({ content, openMedia }, context);
    expect(uploads).toEqual([{ type: content.kind, bytes: expect.any(Buffer) }]);
    expect(uploads[0]!.bytes.includes(bytes)).toBe(false);
    const read = contentFrom(message)!;
    expect(read.content).toMatchObject({
      ...content,
      media: { ...content.media, mediaId: null, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(read.download).not.toBeNull();
  });

  it('a file that cannot be read has certainly not been sent', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' } } as const;
    const broken = async () => {
      throw new Error('the storage is down');
    };
    await expect(buildProto({ content, openMedia: broken }, context)).rejects.toMatchObject({
      code: 'media_unreadable',
      facts: { retryable: true, outcome: 'not_sent' },
    });
  });

  it('an upload that fails has certainly not been sent', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' } } as const;
    const upload = async () => {
      throw new Error('Media upload failed on all hosts');
    };
    await expect(buildProto({ content, openMedia }, { ...context, upload })).rejects.toMatchObject({
      code: 'media_upload_failed',
      facts: { retryable: true, outcome: 'not_sent' },
    });
  });
});

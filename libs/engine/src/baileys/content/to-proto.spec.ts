import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EngineError } from '../../engine.js';
import type { UploadKind } from '../media-upload.js';
import type { MediaSource } from '../media-uploads.js';
import { contentFrom } from './from-message.js';
import { buildProto } from './to-proto.js';

const uploads: { kind: UploadKind; bytes: Buffer }[] = [];
const context = {
  uploads: {
    upload: async (kind: UploadKind, { open }: MediaSource) => {
      uploads.push({ kind, bytes: await buffer(await open()) });
      return {
        url: 'https://mmg.example/1',
        directPath: '/1',
        mediaKey: randomBytes(32),
        mediaKeyTimestamp: 1,
        fileSha256: randomBytes(32),
        fileEncSha256: randomBytes(32),
        fileLength: uploads.at(-1)!.bytes.length,
      };
    },
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
    { kind: 'sticker', media: { ...facts, mimeType: 'image/webp', widthPx: 512, heightPx: 512 }, animated: true },
  ] as const)('$kind: uploaded, and read back as it was meant', async (content) => {
    const message = await buildProto({ content, openMedia }, context);
    expect(uploads).toEqual([{ kind: content.kind, bytes }]);
    const read = contentFrom(message)!;
    expect(read.content).toMatchObject({
      ...content,
      media: { ...content.media, mediaId: null, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(read.download).not.toBeNull();
  });

  it('a voice note has its bars, a picture its preview', async () => {
    const waveform = Array.from({ length: 64 }, (_, bar) => bar);
    const media = { ...facts, mimeType: 'audio/ogg; codecs=opus', waveform };
    const { audioMessage } = await buildProto({ content: { kind: 'audio', media, voice: true }, openMedia }, context);
    expect(audioMessage).toMatchObject({ ptt: true, waveform: Uint8Array.from(waveform) });
    const thumbnail = Buffer.from('a preview').toString('base64');
    const shown = { kind: 'image', media: { ...facts, mimeType: 'image/png', thumbnail } } as const;
    const { imageMessage } = await buildProto({ content: shown, openMedia }, context);
    expect(Buffer.from(imageMessage!.jpegThumbnail!).toString()).toBe('a preview');
  });

  it('an upload that fails is told as it is', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' } } as const;
    const failure = new EngineError('media_upload_failed', 'no', { retryable: true, outcome: 'not_sent' });
    const upload = async () => {
      throw failure;
    };
    await expect(buildProto({ content, openMedia }, { uploads: { upload } })).rejects.toBe(failure);
  });
});

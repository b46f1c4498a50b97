import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { proto } from '@whiskeysockets/baileys';
import type { Button } from '#contracts';
import type { SendableContent } from '../../content.js';
import { EngineError } from '../../engine.js';
import type { UploadKind } from '../media-upload.js';
import type { MediaSource } from '../media-uploads.js';
import { contentFrom } from './from-message.js';
import { byLid, byPhone } from './naming.js';
import { buildProto } from './to-proto.js';

const uploads: { kind: UploadKind; bytes: Buffer }[] = [];
const parts = {
  name: byPhone,
  upload: async (kind: UploadKind, { open }: MediaSource) => {
    uploads.push({ kind, bytes: await buffer(await open()) });
    return uploaded(uploads.at(-1)!.bytes.length);
  },
};
const uploaded = (fileLength: number) => ({
  url: 'https://mmg.example/1',
  directPath: '/1',
  mediaKey: randomBytes(32),
  mediaKeyTimestamp: 1,
  fileSha256: randomBytes(32),
  fileEncSha256: randomBytes(32),
  fileLength,
});
/** As it comes off the wire: encoded and decoded again. */
const received = (message: proto.IMessage): proto.IMessage =>
  proto.Message.decode(proto.Message.encode(message).finish());
const bytes = Buffer.from('the bytes of a file');
const openMedia = async () => Readable.from([bytes]);
const facts = { mediaId: 'm', sizeBytes: bytes.length, sha256: null };

describe('building a message', () => {
  beforeEach(() => {
    uploads.length = 0;
  });

  it('text, without looking at the pages it mentions', async () => {
    const message = await buildProto({ content: { kind: 'text', text: 'see https://example.com' } }, parts);
    expect(message).toEqual({ extendedTextMessage: { text: 'see https://example.com' } });
  });

  it('an answer carries what it quotes', async () => {
    const quoted = {
      waMessageId: 'Q',
      fromMe: false,
      author: { phone: '15550002001', lid: null },
      content: { kind: 'text', text: 'the question' },
    } as const;
    const message = await buildProto({ content: { kind: 'text', text: 'the answer' }, quoted }, parts);
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
    const message = await buildProto({ content, openMedia }, parts);
    expect(uploads).toEqual([{ kind: content.kind, bytes }]);
    const read = contentFrom(message)!;
    expect(read.content).toMatchObject({
      ...content,
      media: { ...content.media, mediaId: null, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(read.download).not.toBeNull();
  });

  const reply: Button = { type: 'reply', id: 'r1', title: 'Yes' };
  const buttons: Button[] = [
    reply,
    { type: 'url', title: 'Shop', url: 'https://shop.example' },
    { type: 'call', title: 'Call', phone: '+15550001001' },
    { type: 'copy', title: 'Code', code: 'SAVE10' },
  ];
  const sections = [
    {
      title: 'Drinks',
      rows: [
        { id: 'tea', title: 'Tea', description: 'green' },
        { id: 'water', title: 'Water' },
      ],
    },
  ];
  it.each<SendableContent>([
    { kind: 'text', text: 'a', mentions: [{ phone: '15550002001', lid: null }] },
    { kind: 'text', text: 'a', forwardingScore: 6, disappearsInSeconds: 86_400 },
    {
      kind: 'text',
      text: 'see https://a.example',
      preview: { url: 'https://a.example', title: 'A', description: 'b', thumbnail: 'AAAA' },
    },
    { kind: 'text', text: 'a status', background: '#0a64ff', font: 2 },
    { kind: 'location', latitude: 0, longitude: -3.5, name: 'Here', address: 'Road 1', url: 'https://m.example' },
    {
      kind: 'live_location',
      latitude: 1.5,
      longitude: 0,
      caption: 'moving',
      accuracyMeters: 5,
      speedMetersPerSecond: 0,
      headingDegrees: 90,
      sequence: 3,
    },
    { kind: 'contacts', contacts: [{ name: 'A', vcard: 'BEGIN:VCARD' }] },
    {
      kind: 'contacts',
      contacts: [
        { name: 'A', vcard: 'BEGIN:VCARD' },
        { name: 'B', vcard: 'BEGIN:VCARD' },
      ],
    },
    { kind: 'poll', question: 'Tea?', options: ['yes', 'no'], selectable: 1 },
    { kind: 'poll', question: 'Which?', options: ['a', 'b', 'c'], selectable: 0 },
    { kind: 'event', name: 'Party', startsAt: '2030-01-01T18:00:00.000Z' },
    {
      kind: 'event',
      name: 'Party',
      description: 'with cake',
      startsAt: '2030-01-01T18:00:00.000Z',
      endsAt: '2030-01-01T20:00:00.000Z',
      joinLink: 'https://call.example',
      place: { latitude: 1, longitude: 2, name: 'Home' },
      cancelled: true,
    },
    {
      kind: 'group_invite',
      groupId: '120363000000000001',
      code: 'CODE',
      groupName: 'Friends',
      caption: 'come',
      expiresAt: '2030-01-01T00:00:00.000Z',
    },
    { kind: 'buttons', text: 'Well?', header: 'Head', footer: 'Foot', buttons, fallback: false },
    { kind: 'list', text: 'Choose', header: 'Menu', buttonTitle: 'Open', sections, fallback: false },
    {
      kind: 'carousel',
      text: 'See',
      cards: [{ title: 'One', text: 'first', footer: 'f', buttons: [reply] }],
      fallback: false,
    },
  ])('$kind: read back as it was meant', async (content) => {
    expect(contentFrom(received(await buildProto({ content }, parts)))!.content).toEqual(content);
    expect(uploads).toEqual([]);
  });

  it('what answers are sealed with comes with polls and events', async () => {
    const poll = { kind: 'poll', question: 'Tea?', options: ['yes', 'no'], selectable: 1 } as const;
    const { secret } = contentFrom(
      received(await buildProto({ content: { ...poll, options: [...poll.options] } }, parts)),
    )!;
    expect(secret).toHaveLength(32);
  });

  it('to be seen once: wrapped, marked, and read back', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' }, viewOnce: true } as const;
    const message = await buildProto({ content, openMedia }, parts);
    expect(message.viewOnceMessage?.message?.imageMessage?.viewOnce).toBe(true);
    expect(contentFrom(received(message))!.content).toMatchObject({ kind: 'image', viewOnce: true });
  });

  it('a gif and a round video', async () => {
    const media = { ...facts, mimeType: 'video/mp4' };
    const gif = await buildProto({ content: { kind: 'video', media, gif: true }, openMedia }, parts);
    expect(gif.videoMessage?.gifPlayback).toBe(true);
    const round = await buildProto({ content: { kind: 'video', media, round: true }, openMedia }, parts);
    expect(contentFrom(received(round))!.content).toMatchObject({ kind: 'video', round: true });
  });

  it('a file that is passed on is not uploaded while WhatsApp has it', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' }, forwardingScore: 1 } as const;
    const there = uploaded(5);
    const download = Buffer.from('token');
    const found = await buildProto({ content, openMedia, download }, { ...parts, find: async () => there });
    expect(found.imageMessage).toMatchObject({ directPath: '/1', mediaKey: there.mediaKey });
    expect(uploads).toEqual([]);
    await buildProto({ content, openMedia, download }, { ...parts, find: async () => null });
    expect(uploads).toHaveLength(1);
  });

  it('the files of cards go up one by one', async () => {
    const media = { kind: 'image' as const, media: { ...facts, mimeType: 'image/png' } };
    const cards = [
      { text: 'a', media, buttons: [reply] },
      { text: 'b', buttons: [reply] },
    ];
    const message = await buildProto(
      { content: { kind: 'carousel', text: '', cards, fallback: false }, openMedia },
      parts,
    );
    expect(uploads.map(({ kind }) => kind)).toEqual(['image']);
    const read = contentFrom(received(message))!.content;
    expect(read).toMatchObject({ cards: [{ media: { kind: 'image' } }, { text: 'b' }] });
  });

  it('things to choose from go as words when the caller wants it so', async () => {
    const content: SendableContent = {
      kind: 'buttons',
      text: 'Well?',
      header: 'Head',
      footer: 'Foot',
      buttons,
      fallback: true,
    };
    const text =
      '*Head*\n\nWell?\n\n• Yes\n• Shop: https://shop.example\n• Call: +15550001001\n• Code: SAVE10\n\n_Foot_';
    expect((await buildProto({ content }, parts)).extendedTextMessage?.text).toBe(text);
  });

  it('people are called as the chat calls them, and a status is quoted as one', async () => {
    const carl = { phone: '15550002001', lid: '222' };
    const quoted = {
      waMessageId: 'Q',
      fromMe: false,
      author: carl,
      content: { kind: 'sticker', media: { ...facts, mimeType: 'image/webp' } },
      isStatus: true,
    } as const;
    const content: SendableContent = { kind: 'location', latitude: 1, longitude: 2, mentions: [carl] };
    const { locationMessage } = await buildProto({ content, quoted }, { ...parts, name: byLid });
    expect(locationMessage?.contextInfo).toEqual({
      stanzaId: 'Q',
      participant: '222@lid',
      remoteJid: 'status@broadcast',
      quotedMessage: { stickerMessage: { mimetype: 'image/webp' } },
      mentionedJid: ['222@lid'],
    });
  });

  it('a voice note has its bars, a picture its preview', async () => {
    const waveform = Array.from({ length: 64 }, (_, bar) => bar);
    const media = { ...facts, mimeType: 'audio/ogg; codecs=opus', waveform };
    const { audioMessage } = await buildProto({ content: { kind: 'audio', media, voice: true }, openMedia }, parts);
    expect(audioMessage).toMatchObject({ ptt: true, waveform: Uint8Array.from(waveform) });
    const thumbnail = Buffer.from('a preview').toString('base64');
    const shown = { kind: 'image', media: { ...facts, mimeType: 'image/png', thumbnail } } as const;
    const { imageMessage } = await buildProto({ content: shown, openMedia }, parts);
    expect(Buffer.from(imageMessage!.jpegThumbnail!).toString()).toBe('a preview');
  });

  it('an upload that fails is told as it is', async () => {
    const content = { kind: 'image', media: { ...facts, mimeType: 'image/png' } } as const;
    const failure = new EngineError('media_upload_failed', 'no', { retryable: true, outcome: 'not_sent' });
    const upload = async () => {
      throw failure;
    };
    await expect(buildProto({ content, openMedia }, { ...parts, upload })).rejects.toBe(failure);
  });
});

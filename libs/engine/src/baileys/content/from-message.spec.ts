import { proto } from '@whiskeysockets/baileys';
import { contentFrom } from './from-message.js';
import { readDownloadToken } from './media.js';

/** As it comes off the wire: encoded and decoded again. */
const received = (message: proto.IMessage): proto.IMessage =>
  proto.Message.decode(proto.Message.encode(message).finish());

const file = {
  url: 'https://mmg.example/v/t62/1?ccb=11',
  directPath: '/v/t62/1?ccb=11',
  mediaKey: Buffer.alloc(32, 1),
  fileSha256: Buffer.alloc(32, 2),
  fileEncSha256: Buffer.alloc(32, 3),
  fileLength: 4_096,
};
const sha256 = '02'.repeat(32);

describe('what a message says', () => {
  it.each([
    ['plain text', { conversation: 'hello' }],
    ['text with a preview', { extendedTextMessage: { text: 'hello', title: 'Page', matchedText: 'http://x' } }],
    ['disappearing text', { ephemeralMessage: { message: { extendedTextMessage: { text: 'hello' } } } }],
  ])('%s', (_name, message) => {
    expect(contentFrom(received(message))).toEqual({
      content: { kind: 'text', text: 'hello' },
      quotedWaMessageId: null,
      download: null,
    });
  });

  it('an answer names the message that it quotes', () => {
    const contextInfo = { stanzaId: 'QUOTED', participant: '1@s.whatsapp.net', quotedMessage: { conversation: 'q' } };
    const message = received({ extendedTextMessage: { text: 'yes', contextInfo } });
    expect(contentFrom(message)).toMatchObject({ quotedWaMessageId: 'QUOTED' });
  });

  it('an image', () => {
    const message = { imageMessage: { ...file, mimetype: 'image/png', caption: 'look', width: 640, height: 480 } };
    const translated = contentFrom(received(message))!;
    expect(translated.content).toEqual({
      kind: 'image',
      media: { mediaId: null, mimeType: 'image/png', sizeBytes: 4_096, sha256, widthPx: 640, heightPx: 480 },
      caption: 'look',
    });
    expect(readDownloadToken(translated.download!)).toEqual({
      kind: 'image',
      url: file.url,
      directPath: file.directPath,
      mediaKey: file.mediaKey.toString('base64'),
      sha256: file.fileSha256.toString('base64'),
      encryptedSha256: file.fileEncSha256.toString('base64'),
    });
  });

  it('a video, also a round one, and one to be seen once', () => {
    const videoMessage = { ...file, mimetype: 'video/mp4', seconds: 12 };
    const expected = {
      kind: 'video',
      media: { mediaId: null, mimeType: 'video/mp4', sizeBytes: 4_096, sha256, durationSeconds: 12 },
    };
    expect(contentFrom(received({ videoMessage }))!.content).toEqual(expected);
    expect(contentFrom(received({ ptvMessage: videoMessage }))!.content).toEqual(expected);
    expect(contentFrom(received({ viewOnceMessageV2: { message: { videoMessage } } }))!.content).toEqual(expected);
  });

  it('a voice note and a piece of music', () => {
    const audioMessage = { ...file, mimetype: 'audio/ogg; codecs=opus', seconds: 3 };
    const voice = contentFrom(received({ audioMessage: { ...audioMessage, ptt: true } }))!;
    expect(voice.content).toMatchObject({ kind: 'audio', voice: true, media: { durationSeconds: 3 } });
    expect(contentFrom(received({ audioMessage }))!.content).toMatchObject({ kind: 'audio', voice: false });
  });

  it('a document, with and without a caption', () => {
    const documentMessage = { ...file, mimetype: 'application/pdf', fileName: 'offer.pdf', caption: 'here' };
    const expected = {
      kind: 'document',
      media: { mediaId: null, mimeType: 'application/pdf', sizeBytes: 4_096, sha256, fileName: 'offer.pdf' },
      caption: 'here',
    };
    const wrapped = { documentWithCaptionMessage: { message: { documentMessage } } };
    expect(contentFrom(received({ documentMessage }))!.content).toEqual(expected);
    expect(contentFrom(received(wrapped))!.content).toEqual(expected);
  });

  it('what this version does not translate is kept by its name', () => {
    const message = received({ locationMessage: { degreesLatitude: 1, degreesLongitude: 2 } });
    expect(contentFrom(message)!.content).toEqual({ kind: 'unsupported', type: 'locationMessage' });
  });

  it.each<[string, proto.IMessage]>([
    ['an empty one', {}],
    ['a protocol message', { protocolMessage: { type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE } }],
    ['a group key', { senderKeyDistributionMessage: { groupId: '1@g.us' } }],
    ['only context', { messageContextInfo: { messageSecret: Buffer.alloc(32) } }],
  ])('nothing of its own: %s', (_name, message) => {
    expect(contentFrom(received(message))).toBeNull();
  });
});

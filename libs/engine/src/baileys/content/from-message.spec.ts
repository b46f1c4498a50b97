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
    ['disappearing text', { ephemeralMessage: { message: { extendedTextMessage: { text: 'hello' } } } }],
    ['text to a bot', { botInvokeMessage: { message: { extendedTextMessage: { text: 'hello' } } } }],
    ['text that mentions a group', { groupMentionedMessage: { message: { extendedTextMessage: { text: 'hello' } } } }],
  ])('%s', (_name, message) => {
    expect(contentFrom(received(message))).toEqual({
      content: { kind: 'text', text: 'hello' },
      quotedWaMessageId: null,
      download: null,
      secret: null,
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

  it('a video, also a round one, a moving one, and one to be seen once', () => {
    const videoMessage = { ...file, mimetype: 'video/mp4', seconds: 12 };
    const expected = {
      kind: 'video',
      media: { mediaId: null, mimeType: 'video/mp4', sizeBytes: 4_096, sha256, durationSeconds: 12 },
    };
    expect(contentFrom(received({ videoMessage }))!.content).toEqual(expected);
    expect(contentFrom(received({ ptvMessage: videoMessage }))!.content).toEqual({ ...expected, round: true });
    const moving = received({ videoMessage: { ...videoMessage, gifPlayback: true } });
    expect(contentFrom(moving)!.content).toEqual({ ...expected, gif: true });
    const once = received({ viewOnceMessageV2: { message: { videoMessage } } });
    expect(contentFrom(once)!.content).toEqual({ ...expected, viewOnce: true });
    const onceByMark = received({ videoMessage: { ...videoMessage, viewOnce: true } });
    expect(contentFrom(onceByMark)!.content).toEqual({ ...expected, viewOnce: true });
  });

  it('wrappers in wrappers, with the secret wherever it is', () => {
    const messageSecret = Buffer.alloc(32, 9);
    const inner = { imageMessage: { ...file, mimetype: 'image/png' } };
    const wrapped = { ephemeralMessage: { message: { viewOnceMessageV2Extension: { message: inner } } } };
    const outside = contentFrom(received({ ...wrapped, messageContextInfo: { messageSecret } }))!;
    expect(outside).toMatchObject({ content: { kind: 'image', viewOnce: true }, secret: messageSecret });
    const poll = { pollCreationMessageV3: { name: 'q', options: [] }, messageContextInfo: { messageSecret } };
    expect(contentFrom(received({ ephemeralMessage: { message: poll } }))!.secret).toEqual(messageSecret);
  });

  it('one of an album, and what announces it', () => {
    const child = { associatedChildMessage: { message: { imageMessage: { ...file, mimetype: 'image/png' } } } };
    expect(contentFrom(received(child))!.content.kind).toBe('image');
    const album = { albumMessage: { expectedImageCount: 3, expectedVideoCount: 1 } };
    expect(contentFrom(received(album))!.content).toEqual({ kind: 'album', imageCount: 3, videoCount: 1 });
  });

  it('a moving sticker of either kind', () => {
    const stickerMessage = { ...file, mimetype: 'image/webp' };
    const content = (message: proto.IMessage) => contentFrom(received(message))!.content;
    expect(content({ stickerMessage: { ...stickerMessage, isAnimated: true } })).toMatchObject({ animated: true });
    expect(content({ lottieStickerMessage: { message: { stickerMessage } } })).toMatchObject({
      kind: 'sticker',
      animated: true,
    });
    expect(content({ stickerMessage })).not.toHaveProperty('animated');
  });

  it('a poll in a wrapper of its own', () => {
    const poll = { name: 'Tea?', options: [{ optionName: 'yes' }, { optionName: 'no' }], selectableOptionsCount: 1 };
    const expected = { kind: 'poll', question: 'Tea?', options: ['yes', 'no'], selectable: 1 };
    for (const message of [
      { pollCreationMessage: poll },
      { pollCreationMessageV2: poll },
      { pollCreationMessageV5: poll },
      { pollCreationMessageV4: { message: { pollCreationMessage: poll } } },
    ]) {
      expect(contentFrom(received(message))!.content).toEqual(expected);
    }
  });

  it.each<[string, proto.IMessage, object]>([
    [
      'buttons',
      { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'Yes', type: 1 } },
      { id: 'b1', title: 'Yes' },
    ],
    [
      'a template',
      { templateButtonReplyMessage: { selectedId: 't1', selectedDisplayText: 'Yes' } },
      { id: 't1', title: 'Yes' },
    ],
    [
      'a list',
      { listResponseMessage: { title: 'Tea', description: 'green', singleSelectReply: { selectedRowId: 'tea' } } },
      { id: 'tea', title: 'Tea', description: 'green' },
    ],
    [
      'a native flow',
      {
        interactiveResponseMessage: {
          body: { text: 'Yes' },
          nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"n1"}' },
        },
      },
      { id: 'n1', title: 'Yes' },
    ],
    [
      'a native flow with words that are none',
      {
        interactiveResponseMessage: {
          body: { text: 'Yes' },
          nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":{}' },
        },
      },
      { id: 'quick_reply', title: 'Yes' },
    ],
  ])('what was tapped in %s', (_name, message, expected) => {
    expect(contentFrom(received(message))!.content).toEqual({ kind: 'choice', ...expected });
  });

  it('a template of a business, with buttons of each kind', () => {
    const hydratedTemplate = {
      hydratedContentText: 'Your order',
      hydratedFooterText: 'Shop',
      hydratedButtons: [
        { quickReplyButton: { id: 'q', displayText: 'Thanks' } },
        { urlButton: { displayText: 'Track', url: 'https://t.example' } },
        { callButton: { displayText: 'Call', phoneNumber: '+1555' } },
      ],
    };
    expect(
      contentFrom(received({ viewOnceMessage: { message: { templateMessage: { hydratedTemplate } } } }))!.content,
    ).toEqual({
      kind: 'buttons',
      text: 'Your order',
      footer: 'Shop',
      buttons: [
        { type: 'reply', id: 'q', title: 'Thanks' },
        { type: 'url', title: 'Track', url: 'https://t.example' },
        { type: 'call', title: 'Call', phone: '+1555' },
      ],
      fallback: false,
    });
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

  it.each<[string, proto.IMessage]>([
    ['orderMessage', { orderMessage: { orderId: '1' } }],
    ['productMessage', { productMessage: { body: 'b' } }],
    ['requestPaymentMessage', { requestPaymentMessage: { currencyCodeIso4217: 'EUR' } }],
    ['stickerPackMessage', { stickerPackMessage: { name: 'p' } }],
  ])('what this version does not translate is kept by its name: %s', (type, message) => {
    expect(contentFrom(received(message))!.content).toEqual({ kind: 'unsupported', type });
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

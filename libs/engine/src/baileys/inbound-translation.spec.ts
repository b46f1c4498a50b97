import { encodeWAMessage, proto } from '@whiskeysockets/baileys';
import { translateFailure, translateStanza } from './inbound-translation.js';
import { readEntry, writeEntry } from './journal.js';

const me = { id: '15550001001:3@s.whatsapp.net', lid: '111:3@lid' };
const t = '1800000000';
const sentAt = new Date(1_800_000_000_000);
const stanza = (attrs: Record<string, string>, message: proto.IMessage = { conversation: 'hello' }) => ({
  journalId: 'J',
  attrs: { id: 'A', t, ...attrs },
  encAttrs: { type: 'msg' },
  plaintext: encodeWAMessage(message),
  me,
});
const text = {
  type: 'message',
  content: { kind: 'text', text: 'hello' },
  quotedWaMessageId: null,
  download: null,
  secret: null,
};
const carl = { phone: '15550002001', lid: '222' };

describe('a stanza in our words', () => {
  it('from a contact, addressed by LID, and by phone number', () => {
    const expected = {
      ...text,
      journalId: 'J',
      waMessageId: 'A',
      fromMe: false,
      chat: { kind: 'user', ...carl },
      author: carl,
      pushName: 'Carl',
      sentAt,
    };
    const byLid = {
      from: '222:4@lid',
      sender_pn: '15550002001@s.whatsapp.net',
      addressing_mode: 'lid',
      notify: 'Carl',
    };
    const byPhone = { from: '15550002001:4@s.whatsapp.net', sender_lid: '222@lid', notify: 'Carl' };
    expect(translateStanza(stanza(byLid))).toEqual([expected]);
    expect(translateStanza(stanza(byPhone))).toEqual([expected]);
  });

  it('one of our own, written on the phone, belongs to the chat it went to', () => {
    const attrs = {
      from: '111@lid',
      recipient: '222@lid',
      peer_recipient_pn: '15550002001@s.whatsapp.net',
      notify: 'We',
    };
    const message = { deviceSentMessage: { destinationJid: '222@lid', message: { conversation: 'hello' } } };
    expect(translateStanza(stanza(attrs, message))).toEqual([
      {
        ...text,
        journalId: 'J',
        waMessageId: 'A',
        fromMe: true,
        chat: { kind: 'user', ...carl },
        author: { phone: '15550001001', lid: '111' },
        pushName: null,
        sentAt,
      },
    ]);
  });

  it('a contact cannot speak in our name', () => {
    const message = { deviceSentMessage: { destinationJid: '333@lid', message: { conversation: 'hello' } } };
    expect(translateStanza(stanza({ from: '222@lid' }, message))).toMatchObject([
      { fromMe: false, chat: { lid: '222' } },
    ]);
  });

  it.each<Record<string, string>>([
    { from: '120363@g.us', participant: '222@lid' },
    { from: 'status@broadcast', participant: '222@lid' },
    { from: 'of@an.unknown.kind' },
    { from: '222@lid', recipient: '333@lid' },
  ])('nothing for what is not a conversation of two: %o', (attrs) => {
    expect(translateStanza(stanza(attrs))).toEqual([]);
    expect(translateFailure({ id: 'A', t, ...attrs }, me, 'no session')).toBeNull();
  });

  it('nothing for messages between our own devices', () => {
    const message = { protocolMessage: { type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE } };
    expect(translateStanza(stanza({ from: '111@lid', category: 'peer' }, message))).toEqual([]);
  });

  it('a message that cannot be decrypted says so', () => {
    expect(translateFailure({ id: 'A', t, from: '222@lid' }, me, 'no session')).toMatchObject({
      journalId: null,
      waMessageId: 'A',
      chat: { phone: null, lid: '222' },
      content: { kind: 'undecryptable', reason: 'no session' },
    });
  });

  it('what the phone sends again for us takes the place of what came without content', () => {
    const resent = {
      key: { remoteJid: '15550002001@s.whatsapp.net', id: 'OLD', fromMe: false },
      message: { conversation: 'the advertised offer' },
      messageTimestamp: 1_800_000_000,
    };
    const webMessageInfoBytes = proto.WebMessageInfo.encode(resent).finish();
    const message = {
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
        peerDataOperationRequestResponseMessage: {
          peerDataOperationResult: [{ placeholderMessageResendResponse: { webMessageInfoBytes } }],
        },
      },
    };
    expect(translateStanza(stanza({ from: '111@lid', category: 'peer' }, message))).toMatchObject([
      { waMessageId: 'OLD', content: { kind: 'text', text: 'the advertised offer' }, sentAt },
    ]);
    expect(translateStanza(stanza({ from: '222@lid' }, message))).toEqual([]);
    expect(translateStanza(stanza({ from: '222@lid', category: 'peer' }, message))).toEqual([]);
  });

  it('comes out of the journal as it went in', () => {
    const live = stanza({ from: '222:4@lid', notify: 'Carl' });
    expect(translateStanza(readEntry(writeEntry(live)))).toEqual(translateStanza(live));
  });
});

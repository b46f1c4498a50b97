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
const us = { phone: '15550001001', lid: '111' };

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
    { from: '120363@g.us' },
    { from: 'of@an.unknown.kind' },
    { from: '222@lid', recipient: '333@lid' },
  ])('nothing for forms that nobody writes: %o', (attrs) => {
    expect(translateStanza(stanza(attrs))).toEqual([]);
    expect(translateFailure({ id: 'A', t, ...attrs }, me, 'no session')).toBeNull();
  });

  it('in a group, from a member and from our own phone', () => {
    const from = '120363000000000001@g.us';
    const chat = { kind: 'group', id: '120363000000000001' };
    const attrs = { from, participant: '222:4@lid', participant_pn: '15550002001@s.whatsapp.net', notify: 'Carl' };
    expect(translateStanza(stanza(attrs))).toMatchObject([{ chat, author: carl, fromMe: false, pushName: 'Carl' }]);
    const own = { from, participant: '111@lid', notify: 'We' };
    expect(translateStanza(stanza(own))).toMatchObject([{ chat, author: us, fromMe: true, pushName: null }]);
    expect(translateFailure({ id: 'A', t, ...attrs }, me, 'no key')).toMatchObject({ chat, author: carl });
  });

  it('a status, and what came through a broadcast list', () => {
    const status = { from: 'status@broadcast', participant: '222@lid', participant_pn: '15550002001@s.whatsapp.net' };
    expect(translateStanza(stanza(status))).toMatchObject([{ chat: { kind: 'status' }, author: carl }]);
    const list = { ...status, from: '1700000000@broadcast' };
    expect(translateStanza(stanza(list))).toMatchObject([
      { chat: { kind: 'user', ...carl }, author: carl, fromMe: false },
    ]);
    const ownList = { from: '1700000000@broadcast', participant: '15550001001@s.whatsapp.net' };
    expect(translateStanza(stanza(ownList))).toMatchObject([
      { chat: { kind: 'broadcast', id: '1700000000' }, fromMe: true },
    ]);
  });

  it('a post of a newsletter, a later version of it, and its end', () => {
    const plain = (attrs: Record<string, string>, message: proto.IMessage) => ({
      ...stanza({ from: '120363000000000009@newsletter', server_id: '7', ...attrs }),
      encAttrs: { type: 'plaintext' },
      plaintext: proto.Message.encode(message).finish(),
    });
    const chat = { kind: 'newsletter', id: '120363000000000009' };
    expect(translateStanza(plain({}, { conversation: 'news' }))).toMatchObject([
      { type: 'message', chat, author: null, serverId: '7', content: { kind: 'text', text: 'news' } },
    ]);
    const target = { waMessageId: 'A', author: null };
    expect(translateStanza(plain({ edit: '3' }, { conversation: 'newer' }))).toMatchObject([
      { type: 'action', chat, target, action: { kind: 'edit', text: 'newer' } },
    ]);
    expect(translateStanza(plain({ edit: '8' }, {}))).toMatchObject([
      { type: 'action', target, action: { kind: 'revoke' } },
    ]);
  });

  it('a timer that was set is a fact about the chat', () => {
    const protocolMessage = { type: proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING, ephemeralExpiration: 86_400 };
    const fact = {
      type: 'chat_timer_changed',
      chat: { kind: 'user', phone: null, lid: '222' },
      seconds: 86_400,
      at: sentAt,
      source: 'notification',
    };
    expect(translateStanza(stanza({ from: '222@lid' }, { protocolMessage }))).toEqual([{ type: 'account', fact }]);
  });

  describe('what is done to messages', () => {
    const group = { from: '120363000000000001@g.us', participant: '222@lid' };
    const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;
    const done = (attrs: Record<string, string>, message: proto.IMessage) => translateStanza(stanza(attrs, message));

    it('a reaction names its target from the view of who reacts', () => {
      const react = (key: proto.IMessageKey) => ({ reactionMessage: { key: { id: 'T', ...key }, text: '👍' } });
      const action = { kind: 'reaction', emoji: '👍' };
      const ours = { waMessageId: 'T', fromMe: true, author: us };
      const theirs = { waMessageId: 'T', fromMe: false, author: { lid: '222' } };
      expect(done({ from: '222@lid' }, react({ fromMe: false }))).toMatchObject([
        { type: 'action', action, target: ours },
      ]);
      expect(done({ from: '222@lid' }, react({ fromMe: true }))).toMatchObject([{ action, target: theirs }]);
      expect(done(group, react({ fromMe: false, participant: '111@lid' }))).toMatchObject([{ action, target: ours }]);
      expect(done(group, react({ fromMe: false, participant: '333@lid' }))).toMatchObject([
        { action, target: { fromMe: false, author: { lid: '333' } } },
      ]);
      const fromPhone = { from: '111@lid', recipient: '222@lid' };
      expect(done(fromPhone, react({ fromMe: false }))).toMatchObject([{ fromMe: true, action, target: theirs }]);
      expect(done({ from: '222@lid' }, { reactionMessage: { key: { id: 'T' }, text: '' } })).toMatchObject([
        { action: { kind: 'reaction', emoji: null } },
      ]);
    });

    it('an edit, of words and of a caption, by its author alone', () => {
      const edit = (key: proto.IMessageKey, editedMessage: proto.IMessage) => ({
        editedMessage: {
          message: { protocolMessage: { type: MESSAGE_EDIT, key: { id: 'T', ...key }, editedMessage } },
        },
      });
      const target = { waMessageId: 'T', fromMe: false, author: { lid: '222' } };
      expect(done({ from: '222@lid' }, edit({ fromMe: true }, { conversation: 'new' }))).toMatchObject([
        { action: { kind: 'edit', text: 'new' }, target },
      ]);
      expect(done(group, edit({ fromMe: true }, { imageMessage: { caption: 'new' } }))).toMatchObject([
        { action: { kind: 'edit', text: 'new' }, target },
      ]);
      expect(done({ from: '222@lid' }, edit({ fromMe: false }, { conversation: 'forged' }))).toEqual([]);
      expect(done(group, edit({ fromMe: false, participant: '333@lid' }, { conversation: 'forged' }))).toEqual([]);
    });

    it('a deletion for everyone, by the author or by an admin of a group', () => {
      const revoke = (key: proto.IMessageKey) => ({ protocolMessage: { type: REVOKE, key: { id: 'T', ...key } } });
      const action = { kind: 'revoke' };
      expect(done({ from: '222@lid' }, revoke({ fromMe: true }))).toMatchObject([{ action }]);
      expect(done({ from: '222@lid', edit: '8' }, revoke({ fromMe: false }))).toEqual([]);
      const ofCarla = revoke({ fromMe: false, participant: '333@lid' });
      expect(done(group, ofCarla)).toEqual([]);
      expect(done({ ...group, edit: '8' }, ofCarla)).toMatchObject([{ action, target: { author: { lid: '333' } } }]);
    });

    it('pins and keeps', () => {
      const key = { id: 'T', fromMe: true };
      const pin = (type: number, seconds?: number) =>
        done(
          { from: '222@lid' },
          { pinInChatMessage: { key, type }, messageContextInfo: { messageAddOnDurationInSecs: seconds } },
        );
      expect(pin(1, 86_400)).toMatchObject([{ action: { kind: 'pin', seconds: 86_400 } }]);
      expect(pin(1)).toMatchObject([{ action: { kind: 'pin', seconds: 604_800 } }]);
      expect(pin(2)).toMatchObject([{ action: { kind: 'pin', seconds: null } }]);
      const keep = (keepType: number) => done({ from: '222@lid' }, { keepInChatMessage: { key, keepType } });
      expect(keep(1)).toMatchObject([{ action: { kind: 'keep', kept: true } }]);
      expect(keep(2)).toMatchObject([{ action: { kind: 'keep', kept: false } }]);
    });
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

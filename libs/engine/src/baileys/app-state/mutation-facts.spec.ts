import type { proto } from '@whiskeysockets/baileys';
import { mutedForEver } from '../../facts/chat-facts.js';
import type { Mutation } from './collection.js';
import { factOf, pairOf, pushNameOf } from './mutation-facts.js';

const now = new Date('2026-05-02T00:00:00Z');
const at = new Date('2026-05-01T12:00:00Z');
const set = (index: string[], value: proto.ISyncActionValue): Mutation => ({
  operation: 'set',
  index,
  value: { timestamp: at.getTime(), ...value },
});
const fact = (index: string[], value: proto.ISyncActionValue) => factOf(set(index, value), 'app_state', now);
const lid = '900@lid';
const group = '120363000000000001@g.us';

describe('what a change of settings says', () => {
  it('of the state of chats', () => {
    const chat = { kind: 'user', phone: null, lid: '900' };
    expect(fact(['archive', lid], { archiveChatAction: { archived: true } })).toEqual({
      ...{ type: 'chat_archived', at, source: 'app_state', chat, archived: true },
    });
    expect(fact(['pin_v1', group], { pinAction: { pinned: false } })).toMatchObject({
      chat: { kind: 'group', id: '120363000000000001' },
      pinned: false,
    });
    expect(fact(['markChatAsRead', lid], { markChatAsReadAction: { read: false } })).toMatchObject({ unread: true });
    expect(fact(['mute', lid], { muteAction: { muted: true, muteEndTimestamp: at.getTime() } })).toMatchObject({
      until: at,
    });
    expect(fact(['mute', lid], { muteAction: { muted: true, muteEndTimestamp: -1 } })).toMatchObject({
      until: mutedForEver,
    });
    expect(fact(['mute', lid], { muteAction: { muted: true } })).toMatchObject({ until: mutedForEver });
    expect(fact(['mute', lid], { muteAction: { muted: false } })).toMatchObject({ until: null });
  });

  it('of what was removed, up to which moment, in seconds or in milliseconds', () => {
    const range = (lastMessageTimestamp: number) => ({ messageRange: { lastMessageTimestamp } });
    const seconds = at.getTime() / 1000;
    expect(fact(['clearChat', lid, '0', '0'], { clearChatAction: range(seconds) })).toMatchObject({
      ...{ type: 'chat_cleared', keepsStarred: true, upTo: at },
    });
    // Without messages: what comes in that very second is not meant.
    expect(fact(['clearChat', lid, '1', '0'], { clearChatAction: {} })).toMatchObject({
      keepsStarred: false,
      upTo: new Date(at.getTime() - 1),
    });
    expect(fact(['deleteChat', lid, '1'], { deleteChatAction: range(at.getTime()) })).toMatchObject({
      ...{ upTo: at, newest: null },
    });
    const messages = [{ key: { id: 'M1', fromMe: false } }, { key: { id: 'M2', fromMe: true } }];
    expect(fact(['clearChat', lid, '1', '0'], { clearChatAction: { messageRange: { messages } } })).toMatchObject({
      newest: { waMessageId: 'M2', fromMe: true, author: null },
    });
  });

  it('of messages, whose author stands there or follows from the chat', () => {
    expect(fact(['star', lid, 'M1', '0', '0'], { starAction: { starred: true } })).toMatchObject({
      target: { waMessageId: 'M1', fromMe: false, author: { lid: '900' } },
      starred: true,
    });
    expect(fact(['star', lid, 'M1', '1', '0'], { starAction: { starred: false } })).toMatchObject({
      target: { fromMe: true, author: null },
    });
    expect(fact(['deleteMessageForMe', group, 'M2', '0', '901:3@lid'], {})).toMatchObject({
      type: 'message_deleted_for_me',
      target: { waMessageId: 'M2', author: { lid: '901' } },
    });
  });

  it('of labels and contacts; one that was taken out is off', () => {
    expect(fact(['label_edit', '3'], { labelEditAction: { name: 'Hot', color: 4 } })).toMatchObject({
      ...{ type: 'label_changed', labelId: '3', name: 'Hot', color: 4, deleted: false },
    });
    expect(
      fact(['label_message', '3', lid, 'M1', '0', '0'], { labelAssociationAction: { labeled: true } }),
    ).toMatchObject({
      on: { target: { waMessageId: 'M1' } },
      set: true,
    });
    const contact = set(['contact', '15550001111@s.whatsapp.net'], { contactAction: { fullName: 'Ann', lidJid: lid } });
    expect(factOf(contact, 'history', now)).toMatchObject({
      source: 'history',
      person: { phone: '15550001111', lid: '900' },
      names: { saved: 'Ann' },
    });
    expect(pairOf(contact)).toEqual({ lid, pn: '15550001111@s.whatsapp.net' });
    const gone: Mutation = { operation: 'remove', index: ['contact', '15550001111@s.whatsapp.net'], value: {} };
    expect(factOf(gone, 'app_state', now)).toMatchObject({ at: now, names: { saved: null } });
    expect(pairOf(gone)).toBeNull();
  });

  it('of the own name; nothing of what is not told on, or has no known form', () => {
    expect(pushNameOf(set(['setting_pushName'], { pushNameSetting: { name: 'Shop' } }))).toBe('Shop');
    expect(fact(['setting_pushName'], { pushNameSetting: { name: 'Shop' } })).toBeNull();
    expect(fact(['something_new', lid], {})).toBeNull();
    expect(fact(['archive', 'nonsense'], { archiveChatAction: { archived: true } })).toBeNull();
    expect(fact(['star', lid], { starAction: { starred: true } })).toBeNull();
    expect(fact([], {})).toBeNull();
  });
});

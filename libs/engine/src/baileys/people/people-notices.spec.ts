import type { BinaryNode } from '@whiskeysockets/baileys';
import { peopleFacts } from './people-notices.js';

const t = '1777636800';
const at = new Date(Number(t) * 1000);
const self = { phone: '15550009999', lid: '999' };
const from = '900@lid';
const person = { phone: null, lid: '900' };
const notice = (type: string, content: BinaryNode[], attrs: Record<string, string> = {}): BinaryNode => ({
  tag: 'notification',
  attrs: { from, type, t, ...attrs },
  content,
});
const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode['content']): BinaryNode => ({
  tag,
  attrs,
  content,
});

describe('what notifications say about people', () => {
  it('pictures of people and groups', () => {
    const set = node('set', { jid: from, id: '77', author: from });
    expect(peopleFacts(notice('picture', [set]), self)).toEqual([
      {
        ...{ type: 'picture_changed', at, source: 'notification', of: { person } },
        ...{ pictureId: '77', removed: false, by: person },
      },
    ]);
    const gone = node('delete', { jid: '120363000000000001@g.us', author: from });
    expect(peopleFacts(notice('picture', [gone], { from: '120363000000000001@g.us' }), self)).toMatchObject([
      { of: { groupId: '120363000000000001' }, pictureId: null, removed: true },
    ]);
    // A hash instead of an address: somebody whom the phone alone can name.
    expect(peopleFacts(notice('picture', [node('set', { hash: 'Abc' })], { from: 's.whatsapp.net' }), self)).toEqual(
      [],
    );
  });

  it('about texts, identities, devices and numbers', () => {
    expect(peopleFacts(notice('status', [node('set', {}, Buffer.from('Hi'))]), self)).toMatchObject([
      { type: 'about_changed', person, about: 'Hi' },
    ]);
    expect(peopleFacts(notice('encrypt', [node('identity')]), self)).toMatchObject([{ type: 'identity_key_changed' }]);
    expect(peopleFacts(notice('encrypt', [node('count', { value: '3' })], { from: 's.whatsapp.net' }), self)).toEqual(
      [],
    );
    expect(peopleFacts(notice('devices', [node('add'), node('remove')], { lid: from }), self)).toMatchObject([
      { type: 'devices_changed', change: 'added' },
      { type: 'devices_changed', change: 'removed' },
    ]);
    const modify = node('modify', { old: '111111@s.whatsapp.net', new: '222222@s.whatsapp.net', new_lid: from });
    expect(peopleFacts(notice('contacts', [modify]), self)).toMatchObject([
      { type: 'number_changed', person: { phone: '222222', lid: '900' }, oldPhone: '111111' },
    ]);
    expect(peopleFacts(notice('contacts', [node('update', { jid: from })]), self)).toEqual([]);
  });

  it('what another device of the account changed', () => {
    const items = [
      node('item', { action: 'block', jid: from, pn_jid: '222222@s.whatsapp.net' }),
      node('item', { action: 'unblock', jid: '901@lid' }),
    ];
    expect(peopleFacts(notice('account_sync', [node('blocklist', {}, items)]), self)).toMatchObject([
      { type: 'block_changed', person: { phone: '222222', lid: '900' }, blocked: true },
      { type: 'block_changed', person: { phone: null, lid: '901' }, blocked: false },
    ]);
    expect(peopleFacts(notice('account_sync', [node('status', {}, Buffer.from('Mine'))]), self)).toMatchObject([
      { type: 'about_changed', person: self, about: 'Mine' },
    ]);
    expect(peopleFacts(notice('account_sync', [node('devices')]), self)).toMatchObject([
      { person: self, change: 'updated' },
    ]);
    expect(peopleFacts(notice('account_sync', [node('privacy')]), self)).toEqual([]);
  });

  it('nothing of other notifications', () => {
    expect(peopleFacts(notice('w:gp2', [node('subject')]), self)).toEqual([]);
  });
});

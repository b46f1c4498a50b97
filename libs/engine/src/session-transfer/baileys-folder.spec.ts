import { readBaileysFolder } from './baileys-folder.js';
import { sessionOwner } from './session-content.js';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const creds = {
  noiseKey: {},
  account: {},
  me: { id: '15550001001:3@s.whatsapp.net', lid: '111:3@lid', name: 'Shop' },
};

describe('a folder of Baileys', () => {
  it('is read with the kinds and ids of its keys', () => {
    const { credentials, keys } = readBaileysFolder([
      ['creds.json', bytes(creds)],
      ['session-15550002001.0.json', bytes({ a: 1 })],
      ['session-222_1.0.json', bytes({})],
      ['pre-key-12.json', bytes({})],
      ['sender-key-120363001@g.us--222--0.json', bytes({})],
      ['sender-key-memory-120363001@g.us.json', bytes({})],
      ['app-state-sync-key-AAAA__b+c=.json', bytes({})],
      ['app-state-sync-version-regular_high.json', bytes({})],
      ['lid-mapping-111_reverse.json', bytes('15550001001')],
      ['device-list-222.json', bytes([])],
      ['identity-key-222_1.0.json', bytes({})],
      ['tctoken-222@lid.json', bytes({})],
      ['.DS_Store', Buffer.from([0])],
      ['notes.txt', Buffer.from('x')],
    ]);
    expect(sessionOwner(credentials)).toEqual({ address: { phone: '15550001001', lid: '111' }, pushName: 'Shop' });
    expect(keys.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'session 15550002001.0',
      'session 222_1.0',
      'pre-key 12',
      'sender-key 120363001@g.us::222::0',
      'sender-key-memory 120363001@g.us',
      'app-state-sync-key AAAA/b+c=',
      'app-state-sync-version regular_high',
      'lid-mapping 111_reverse',
      'device-list 222',
      'identity-key 222_1.0',
      'tctoken 222@lid',
    ]);
    expect(JSON.parse(Buffer.from(keys[0]!.value).toString())).toEqual({ a: 1 });
  });

  it.each<[string, [string, Uint8Array][]]>([
    ['there is no creds.json', [['session-1.0.json', bytes({})]]],
    ['creds.json is not JSON', [['creds.json', Buffer.from('{')]]],
    [
      'pre-key-1.json is not JSON',
      [
        ['creds.json', bytes(creds)],
        ['pre-key-1.json', Buffer.from('\0')],
      ],
    ],
  ])('is refused when %s', (why, files) => {
    expect(() => readBaileysFolder(files)).toThrow(why);
  });

  it('of a device that was never linked belongs to nobody', () => {
    const { credentials } = readBaileysFolder([['creds.json', bytes({ noiseKey: {} })]]);
    expect(() => sessionOwner(credentials)).toThrow('not the session of a linked device');
  });
});

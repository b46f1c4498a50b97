import { ForgedCipher } from '../../load/forged-cipher.js';
import { Random } from '../../time/random.js';
import { stanza } from '../../wire/stanza.js';
import { KeyUse } from './key-use.js';

describe('KeyUse', () => {
  const TO = '6281300000003@s.whatsapp.net';
  let keys: KeyUse;
  let ciphertexts: Buffer[];

  beforeEach(() => {
    keys = new KeyUse();
    const cipher = new ForgedCipher(new Random('keys'));
    ciphertexts = Array.from({ length: 50 }, () => cipher.next(20));
  });

  function complaints(counter: number): number {
    const enc = stanza('enc', { v: 2, type: 'msg' }, ciphertexts[counter - 1] as Buffer);
    const participants = stanza('participants', {}, [stanza('to', { jid: TO }, [enc])]);
    return keys.check('6281200000001:1', stanza('message', { id: String(counter), to: TO }, [participants])).length;
  }

  it('takes each key once, in whatever order', () => {
    const order = [30, 10, 20, 19, 21, 40, 39, 31, 1, 9, 11, 29, 50, 41, 49];
    expect(order.map(complaints)).toEqual(order.map(() => 0));
    expect(order.map(complaints)).toEqual(order.map(() => 1));
    const rest = ciphertexts.map((_, index) => index + 1).filter((counter) => !order.includes(counter));
    expect(rest.map(complaints)).toEqual(rest.map(() => 0));
    expect(rest.map(complaints)).toEqual(rest.map(() => 1));
  });
});

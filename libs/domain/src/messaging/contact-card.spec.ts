import { CardUnreadable, makeCard, readCard } from './contact-card.js';

describe('a contact card', () => {
  it('is made so that phones can write to the number', () => {
    const { name, vcard } = makeCard({
      name: 'Ada; Lovelace, "x"',
      phone: '4915112345678',
      email: 'ada@example.com',
      organization: 'Analytical',
    });
    expect(name).toBe('Ada; Lovelace, "x"');
    expect(vcard.split('\r\n')).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      'N:;Ada\\; Lovelace\\, "x";;;',
      'FN:Ada; Lovelace\\, "x"',
      'ORG:Analytical',
      'TEL;TYPE=CELL;waid=4915112345678:+4915112345678',
      'EMAIL:ada@example.com',
      'END:VCARD',
    ]);
    expect(readCard(vcard)).toEqual({ name: 'Ada; Lovelace, "x"', vcard });
  });

  it('cannot be broken out of by a name', () => {
    const { vcard } = makeCard({ name: 'a\r\nEND:VCARD\r\nBEGIN:VCARD', phone: '491' });
    expect(vcard.match(/^BEGIN:VCARD/gm)).toHaveLength(1);
  });

  it.each(['', 'hello', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR', 'BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD'])(
    'is not %j',
    (text) => {
      expect(() => readCard(text)).toThrow(CardUnreadable);
    },
  );
});

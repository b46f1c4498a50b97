import fc from 'fast-check';
import examples from 'libphonenumber-js/examples.mobile.json';
import {
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { parseRecipient } from '#engine';
import { mapColumns } from './column-mapping.js';
import { type RowRules, readRow } from './import-row.js';
import { isPlainNumber } from './plain-number.js';
import { readPhone } from './read-phone.js';

describe('a phone number in a file', () => {
  it.each<[string, string | null, string]>([
    ['+62 812-3456-7890', null, '6281234567890'],
    ['0062 812 3456 7890', null, '6281234567890'],
    ['6281234567890', null, '6281234567890'],
    ['0812 3456 7890', 'ID', '6281234567890'],
    ['81234567890', 'ID', '6281234567890'],
    ['(0151) 234-56789', 'DE', '4915123456789'],
    ['+44 (0)7911 123456', 'DE', '447911123456'],
    ['6281234567890', 'DE', '6281234567890'],
    ["'+6281234567890", null, '6281234567890'],
    ['="081234567890"', 'ID', '6281234567890'],
    ['\u202a+62\u00a0812\u20113456\u20117890\u202c', null, '6281234567890'],
    ['6281234567890@s.whatsapp.net', null, '6281234567890'],
    ['6281234567890.0', 'ID', '6281234567890'],
    // A valid number of the country, whether with its 0 or without.
    ['08123456789', 'ID', '628123456789'],
    ['15123456789', 'DE', '4915123456789'],
    ['15550100002', 'DE', '4915550100002'],
    ['7911123456', 'GB', '447911123456'],
    ['020 3456 7890', 'GB', '442034567890'],
    ['2034567890', 'GB', '442034567890'],
    ['98765 43210', 'IN', '919876543210'],
    ['(11) 98765-4321', 'BR', '5511987654321'],
    ['(47) 3265-4321', 'BR', '554732654321'],
    ['(212) 555-0123', 'US', '12125550123'],
    // One with country code that lost its plus.
    ['15550100002', 'ID', '15550100002'],
    ['15550100002', 'GB', '15550100002'],
    ['15550100002', 'IN', '15550100002'],
    ['15550100002', 'US', '15550100002'],
    ['447911123456', 'US', '447911123456'],
    ['5511987654321', 'DE', '5511987654321'],
    ['919876543210', 'GB', '919876543210'],
    // Of no numbering plan: by their length, and a 0.
    ['5550100002', 'US', '15550100002'],
    ['(31) 8765-4321', 'BR', '553187654321'],
    ['01999 1234567', 'DE', '4919991234567'],
  ])('%s in %s is %s', (text, country, phone) => {
    expect(readPhone(text, country)).toEqual({ phone });
  });

  it.each<[string, string | null, string]>([
    ['', null, 'phone_missing'],
    [' \u00a0', null, 'phone_missing'],
    ['6.28123E+12', 'ID', 'phone_rounded'],
    ['0812 3456 7890', null, 'phone_without_country'],
    ['Bob', 'ID', 'phone_invalid'],
    ['12', 'ID', 'phone_invalid'],
    ['+62812345678901234567', 'ID', 'phone_invalid'],
    ['+6281, +6282', 'ID', 'phone_invalid'],
    ['123@g.us', null, 'phone_invalid'],
    ['4,9152E+12', 'DE', 'phone_rounded'],
    // Long enough for São Paulo and for America, and known in neither.
    ['15550100002', 'BR', 'phone_invalid'],
    ['012345678901234567', 'ID', 'phone_invalid'],
  ])('%s in %s is %s', (text, country, code) => {
    expect(readPhone(text, country)).toMatchObject({ problem: { code } });
  });
});

describe('any number', () => {
  const countries = ['DE', 'ID', 'BR', 'US', 'GB', 'IN'] as const;
  const mobiles = countries.map((country) => getExampleNumber(country, examples)!);
  const mobile = fc
    .record({ from: fc.constantFrom(...mobiles), tail: fc.integer({ min: 0, max: 9999 }) })
    .map(({ from, tail }) => `${from.number.slice(0, -4)}${String(tail).padStart(4, '0')}`)
    .map((number) => parsePhoneNumberFromString(number)!)
    .filter((number) => number.isValid());

  it('that is a mobile comes out the same in every notation, at home and in a list of another country', () => {
    fc.assert(
      fc.property(mobile, fc.constantFrom(...countries), (number, other) => {
        const phone = number.number.slice(1);
        const abroad = [number.number, number.formatInternational(), `00${phone}`];
        // A number of two countries is one of the country that was said.
        if (!parsePhoneNumberFromString(phone, other)?.isValid()) abroad.push(phone);
        const home = [number.formatNational(), number.nationalNumber, phone];
        expect([
          ...abroad.map((text) => readPhone(text, other)),
          ...home.map((text) => readPhone(text, number.country!)),
        ]).toEqual([...abroad, ...home].map(() => ({ phone })));
      }),
    );
  });

  it('is of 7 to 15 digits with country code, or none, and is read the same again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^0?[1-9]\d{2,17}$/), fc.constantFrom(...countries), (text, country) => {
        const read = readPhone(text, country);
        if ('problem' in read) expect(read.problem.code).toBe('phone_invalid');
        else {
          expect(read.phone).toMatch(/^[1-9]\d{6,14}$/);
          expect(readPhone(`+${read.phone}`, country)).toEqual(read);
        }
      }),
      { numRuns: 2000, examples: [['01409470000000', 'BR']] },
    );
  });
});

describe('columns', () => {
  const targets = (titles: string[], mapping = {}, width = 0) =>
    mapColumns(titles, mapping, width).columns.map(({ target }) => target);

  it('are known by their titles, in several languages', () => {
    expect(targets(['Nama', 'No. HP', 'Label', 'E-Mail', 'x'])).toEqual([
      'name',
      'phone',
      'tags',
      'custom.email',
      'ignore',
    ]);
    expect(targets(['First Name', 'Last_Name', 'Phone', 'WhatsApp'])).toEqual([
      'first_name',
      'last_name',
      'phone',
      'ignore',
    ]);
    expect(targets(['phone', 'name', 'custom.plan'])).toEqual(['phone', 'name', 'custom.plan']);
  });

  it('are what the mapping says, by title or number', () => {
    expect(targets(['Name', 'Home phone', 'Cell'], { cell: 'phone', '1': 'custom.nick' })).toEqual([
      'custom.nick',
      'ignore',
      'phone',
    ]);
    expect(targets(['phone', 'name'], { name: 'ignore' })).toEqual(['phone', 'ignore']);
    expect(targets([], { '2': 'phone', '1': 'name' }, 3)).toEqual(['name', 'phone', 'ignore']);
    expect(targets([], {}, 2)).toEqual(['phone', 'ignore']);
    expect(mapColumns(['phone'], { gone: 'name' }).unknown).toEqual(['gone']);
  });
});

describe('a row', () => {
  const rules: RowRules = {
    columns: mapColumns(['phone', 'first name', 'last name', 'tags', 'stop', 'custom.plan']).columns,
    defaultCountry: 'ID',
    tags: ['import'],
    readField: (_key, text) => (text === 'bad' ? { wrong: 'must be good' } : { value: text }),
  };
  const read = (...cells: string[]) => readRow({ line: 7, cells }, 3, rules);

  it('says who somebody is', () => {
    expect(read(' 0812 3456 7890', 'Jane ', "'=Doe", 'VIP; vip |a,Import', 'yes', "'+1")).toEqual({
      position: 3,
      line: 7,
      candidate: {
        phone: '6281234567890',
        name: 'Jane =Doe',
        tags: ['VIP', 'a', 'Import'],
        customFields: { plan: '+1' },
        optedOut: true,
      },
    });
    expect(read('081234567890').candidate).toMatchObject({ name: null, tags: ['import'], optedOut: false });
  });

  it('is told by its field and reason when it cannot be taken', () => {
    const faults = [
      read('x'.repeat(200), 'a').fault,
      read('081234567890', 'n'.repeat(201)).fault,
      read('081234567890', '', '', 't'.repeat(101)).fault,
      read('081234567890', '', '', '', '', 'bad').fault,
    ];
    expect(faults.map((fault) => [fault?.field, fault?.code, fault?.value?.length])).toEqual([
      ['phone', 'phone_invalid', 100],
      ['name', 'too_long', 100],
      ['tags', 'too_long', 100],
      ['custom.plan', 'field_invalid', 3],
    ]);
  });
});

it('reads plain numbers without the library exactly as with it', () => {
  const codes = [...new Set(getCountries().map((country) => getCountryCallingCode(country)))];
  let plain = 0;
  for (let round = 0; round < 4_000; round += 1) {
    const tail = String((round * 7_919_777_333) % 10 ** (5 + (round % 9)));
    const digits = `${codes[round % codes.length]}${tail}`;
    if (digits.length < 7 || digits.length > 15 || !isPlainNumber(digits)) continue;
    plain += 1;
    const parsed = parsePhoneNumberFromString(`+${digits}`);
    expect([digits, parsed?.isPossible()]).toEqual([digits, true]);
    expect(parseRecipient(`+${digits}`)).toEqual({ phone: digits, lid: null });
  }
  expect(plain).toBeGreaterThan(500);
});

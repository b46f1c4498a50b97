import { countryOf, parsePhone, parseRecipient } from './address.js';

const phone = (digits: string) => ({ phone: digits, lid: null });

it.each([
  ['+62 812-3456-789', phone('628123456789')],
  ['1 (555) 010.0004', phone('15550100004')],
  [' 4915112345678 ', phone('4915112345678')],
  ['4915112345678@c.us', phone('4915112345678')],
  ['4915112345678@s.whatsapp.net', phone('4915112345678')],
  ['177036487095173@lid', { phone: null, lid: '177036487095173' }],
])('reads %s', (written, address) => {
  expect(parseRecipient(written)).toEqual(address);
});

it('takes out a national prefix where that makes a valid number, and leaves other numbers as they are', () => {
  expect(parseRecipient('+44 (0)20 7946 0018')).toEqual(phone('442079460018'));
  expect(parseRecipient('1'.repeat(15))).toEqual(phone('1'.repeat(15)));
});

it.each([
  ...['', ' ', '+', 'abc', '12', '1'.repeat(16), '１５５５０１００００４', 'Ana 15550100004'],
  ...['015112345678', '004915112345678', '+0151 12345678', '0151123@c.us'],
  ...['@lid', '@c.us', '15550100004:3@s.whatsapp.net', '15550100004@example.com', '123@g.us', 'status@broadcast'],
])('does not guess what %s means', (written) => {
  expect(parseRecipient(written)).toBeNull();
});

it.each([
  ['0151 12345678', 'DE', '4915112345678'],
  ['0812-3456-789', 'ID', '628123456789'],
  ['(212) 555-0123', 'US', '12125550123'],
  ['0049 151 12345678', 'DE', '4915112345678'],
  // Digits that are a number as they stand are not read as dialled at home, which they could be too.
  ['4915155560002', 'DE', '4915155560002'],
  ['628123456789', 'DE', '628123456789'],
  ['+49 (0)151 12345678', 'ID', '4915112345678'],
  ['0151 12345678', null, null],
  ['0151 12345678', 'XX', null],
  ['Ana', 'DE', null],
  // What no numbering plan knows is a number all the same: new ranges come before the plans, and test numbers are in none.
  ['15550100002', null, '15550100002'],
  ['15550100002', 'ID', '15550100002'],
  ['15550100002', 'BR', '15550100002'],
  ['+1 555 010 0002', 'DE', '15550100002'],
  ['(31) 8765-4321', 'BR', '553187654321'],
  ['1234567', 'XX', '1234567'],
  ['123456', null, null],
  ['1234567890123456', 'ID', null],
])('reads the phone number %s dialled in %s', (written, country, digits) => {
  expect(parsePhone(written, country)).toBe(digits);
});

it('tells the country of a number that numbering plans know', () => {
  const numbers = ['628123456789', '12125550123', '14165550123', '4915', '15550100002'];
  expect(numbers.map(countryOf)).toEqual(['ID', 'US', 'CA', null, null]);
});

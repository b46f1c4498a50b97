import fc from 'fast-check';
import { defaultOptOutKeywords, defaultReturnKeywords, newId, type ProfileId, spokenWord } from '#contracts';
import { OptOutLinks } from './opt-out-links.js';

const links = new OptOutLinks('k'.repeat(32), 'https://w.example');
const profileId = newId<ProfileId>();
const phone = (number: string) => ({ phone: number, lid: null });

describe('a link to opt out', () => {
  it('names a profile and a number, and nothing of them shows in it', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), fc.stringMatching(/^[1-9]\d{6,14}$/), fc.boolean(), (id, number, isLid) => {
        const address = isLid ? { phone: null, lid: number } : phone(number);
        const link = links.linkFor(id as ProfileId, address);
        expect(link).toMatch(/^https:\/\/w\.example\/api\/v1\/opt-out\/[\w-]{55}$/);
        expect(links.open(link.split('/').at(-1)!)).toEqual({ profileId: id, address });
        expect(link).not.toContain(number);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for the same person, and opens nothing when it was changed or made elsewhere', () => {
    const token = links.tokenFor(profileId, phone('6281234567890'));
    expect(links.tokenFor(profileId, phone('6281234567890'))).toBe(token);
    for (const at of [0, 20, 30, 54]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(links.open(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
    }
    const elsewhere = new OptOutLinks('x'.repeat(32), '');
    expect(links.open(elsewhere.tokenFor(profileId, phone('6281234567890')))).toBeNull();
    for (const text of ['', 'none', `${token}A`, '../../etc']) expect(links.open(text)).toBeNull();
  });
});

it('words are compared without case, signs and blanks, and no default word means both', () => {
  expect([' STOP! ', 'Stop.', 'sTöP', 'Opt-Out', '  ', '👍'].map(spokenWord)).toEqual([
    'stop',
    'stop',
    'stöp',
    'opt out',
    '',
    '',
  ]);
  const both = defaultReturnKeywords.filter((word) =>
    defaultOptOutKeywords.some((other) => spokenWord(other) === spokenWord(word)),
  );
  expect(both).toEqual([]);
});

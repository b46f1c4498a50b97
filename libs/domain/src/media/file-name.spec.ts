import fc from 'fast-check';
import { cleanFileName } from './file-name.js';

describe('cleanFileName', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\résumé.docx', 'résumé.docx'],
    ['  spaced name .txt ', 'spaced name .txt'],
    ['.htaccess', 'htaccess'],
    ['a\r\nSet-Cookie: x.txt', 'aSet-Cookie x.txt'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['who?<is>|this*.txt', 'whoisthis.txt'],
    ['日本語.pdf', '日本語.pdf'],
    ['\ud800.txt', 'txt'],
    ['..', null],
    ['///', null],
    ['', null],
    [undefined, null],
  ])('%j becomes %j', (given, cleaned) => {
    expect(cleanFileName(given)).toBe(cleaned);
  });

  it('keeps the extension of a name that is too long', () => {
    expect(cleanFileName(`${'ö'.repeat(300)}.pdf`)).toBe(`${'ö'.repeat(125)}.pdf`);
  });

  it('always gives a name that is one harmless path part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = cleanFileName(given);
        if (name === null) return;
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/[\p{Cc}\p{Surrogate}/\\"]/u);
        expect(name).not.toMatch(/^\./);
      }),
    );
  });
});

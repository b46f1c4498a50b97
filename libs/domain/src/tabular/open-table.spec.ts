import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import yazl from 'yazl';
import { openTable, type TableGiven } from './open-table.js';
import type { TableFile } from './table.js';
import { textFile } from './table-files.js';

const bytesFile = (bytes: Buffer): TableFile => ({
  sizeBytes: bytes.length,
  // In small pieces, as files come.
  open: async (range) => {
    const part = range ? bytes.subarray(range.start, range.end + 1) : bytes;
    return Readable.from(
      (function* () {
        for (let at = 0; at < part.length; at += 100) yield part.subarray(at, at + 100);
      })(),
    );
  },
});

async function read(file: Buffer | string, given?: TableGiven) {
  const open = () => openTable(typeof file === 'string' ? textFile(file) : bytesFile(file), given);
  const { batches, counts: _, ...table } = await open();
  const rows = [];
  for await (const batch of batches) rows.push(...batch);
  let counted = 0;
  for await (const count of (await open()).counts) counted += count;
  expect(counted).toBe(rows.length);
  return { ...table, rows };
}

function zipOf(parts: Record<string, string>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [path, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  return (zip.outputStream as Readable).toArray().then((chunks) => Buffer.concat(chunks));
}

/** An archive of one file, of which only the header is as tar writes it. */
function tarOf(path: string, text: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write('ustar\x0000', 257, 'latin1');
  return Buffer.concat([header, Buffer.from(text)]);
}

describe('a table', () => {
  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('name,phone\nJosé Ñandú,1\n')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFname,phone\nJosé Ñandú,1\n')],
    ['UTF-16 with a mark', Buffer.from('\uFEFFname,phone\nJosé Ñandú,1\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('name,phone\nJosé Ñandú,1\n', 'utf16le')],
    ['the old Latin one', Buffer.from('name,phone\nJosé Ñandú,1\n', 'latin1')],
  ])('is read in %s', async (_name, bytes) => {
    const { columns, rows } = await read(bytes);
    expect(columns).toEqual(['name', 'phone']);
    expect(rows).toEqual([{ line: 2, cells: ['José Ñandú', '1'] }]);
  });

  it('in UTF-8 has some broken rows, and the others are read right', async () => {
    const bytes = Buffer.concat([
      Buffer.from('name\nJosé\n'),
      Buffer.from('Jos\xe9\n', 'latin1'),
      Buffer.from('Zoë\n'),
    ]);
    const { rows } = await read(bytes);
    expect(rows.map((row) => row.problem?.code ?? row.cells[0])).toEqual(['José', 'encoding', 'Zoë']);
  });

  it.each<[string, (text: string) => Buffer]>([
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-16 with a mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 without one', (text) => Buffer.from(text, 'utf16le')],
    ['the old Latin one', (text) => Buffer.from(text, 'latin1')],
  ])('loses the row with a NUL to it, and no other, also near the beginning, in %s', async (_name, bytes) => {
    const { columns, rows } = await read(bytes('na\0me,phone\nB\0ob,1\nJosé Ñandú,2\nEve,3\nMax,4\n'));
    expect(columns).toEqual(['name', 'phone']);
    expect(rows.map(({ line, cells, problem }) => [line, problem?.code ?? cells[0]])).toEqual([
      [2, 'nul'],
      [3, 'José Ñandú'],
      [4, 'Eve'],
      [5, 'Max'],
    ]);
  });

  it.each([',', ';', '\t', '|'])('has its delimiter found: %j', async (delimiter) => {
    const lines = ['name,phone,tags', '"Tea, Coffee; and|more",1,a', 'Bob,2,b', 'Eve,3,c'];
    const text = lines.map((line) => line.replace(/("[^"]*")|,/g, (_all, quoted) => quoted ?? delimiter)).join('\r\n');
    const { rows } = await read(text);
    expect(rows.map((row) => row.cells.length)).toEqual([3, 3, 3]);
    expect(rows[0]!.cells[0]).toBe('Tea, Coffee; and|more');
  });

  it("begins behind Excel's line with the separator", async () => {
    const { columns, rows } = await read('sep=;\r\nname;phone\r\nBob, Jr;1\r\n');
    expect([columns, rows]).toEqual([['name', 'phone'], [{ line: 3, cells: ['Bob, Jr', '1'] }]]);
  });

  it('has no titles where the caller says so, or sees that', async () => {
    const given = { isTitles: (cells: string[]) => cells.includes('phone') };
    expect(await read('Bob,1\nEve,2', given)).toMatchObject({ columns: [], rows: [{ line: 1 }, { line: 2 }] });
    expect(await read('phone,x\nEve,2', { hasTitles: false })).toMatchObject({ columns: [], rows: [{}, {}] });
  });

  it('is read from a workbook: texts, numbers, dates, gaps, and the first sheet that is to be seen', async () => {
    const book = await zipOf({
      '[Content_Types].xml': '<Types/>',
      'xl/_rels/workbook.xml.rels':
        '<Relationships><Relationship Id="rId1" Target="worksheets/hidden.xml"/><Relationship Id="rId2" Target="/xl/worksheets/people.xml"/></Relationships>',
      'xl/workbook.xml':
        '<workbook xmlns:r="x"><workbookPr/><sheets><sheet name="h" state="hidden" r:id="rId1"/><sheet name="p" r:id="rId2"/></sheets></workbook>',
      'xl/sharedStrings.xml':
        '<sst><si><t>name</t></si><si><t>phone</t></si><si><r><t>Tea </t></r><r><t>&amp; Co</t></r><rPh><t>x</t></rPh></si></sst>',
      'xl/styles.xml':
        '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
      'xl/worksheets/people.xml':
        '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>' +
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3"><v>6.2812345678901E13</v></c><c r="D3" s="1"><v>45658</v></c></row>' +
        '<row r="4"><c r="A4" t="inlineStr"><is><t>Eve</t></is></c><c r="B4" t="str"><f>A1</f><v>+49151</v></c></row><row r="5"/></sheetData></worksheet>',
    });
    expect(await read(book)).toEqual({
      format: 'xlsx',
      columns: ['name', 'phone'],
      rows: [
        { line: 3, cells: ['Tea & Co', '62812345678901', '', '2025-01-01'] },
        { line: 4, cells: ['Eve', '+49151'] },
      ],
    });
  });

  it('is read from cards of every version', async () => {
    const cards = [
      'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane;;;\r\nFN:Jane Doe\r\nTEL;TYPE=CELL:+62 812 345\r\nTEL;TYPE=FAX:1\r\n' +
        'PHOTO;ENCODING=b:AAAA\r\n BBBB\r\n CCCC\r\nTEL;TYPE=HOME:+62 21 1\r\nCATEGORIES:vip,friends\r\nEND:VCARD',
      'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Max\r\nTEL;VALUE=uri:tel:+49-151-1;ext=2\r\nEMAIL:max@x.example\r\nEND:VCARD',
      'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=89mile;Zo=\r\n=C3=A9;;;\r\nTEL;CELL;PREF:0812\r\nEND:VCARD',
      'BEGIN:VCARD\r\nFN\r\nEND:VCARD',
      'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:cut',
    ];
    const { format, rows } = await read(cards.join('\r\n'));
    expect(format).toBe('vcard');
    expect(rows.map((row) => row.problem?.code ?? row.cells)).toEqual([
      ['Jane Doe', '+62 812 345', '', '', 'vip;friends'],
      ['Jane Doe', '+62 21 1', '', '', 'vip;friends'],
      ['Max', '+49-151-1', 'max@x.example', '', ''],
      ['Zoé Émile', '0812', '', '', ''],
      'card_unreadable',
      'card_unreadable',
    ]);
    expect(rows.map((row) => row.line)).toEqual([1, 1, 13, 19, 25, 28]);
  });

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /empty/],
    ['a PDF', Buffer.from('%PDF-1.7 …'), /neither/],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), /neither/],
    ['JSON', Buffer.from('[{"phone":"1"}]'), /neither/],
    ['packed text', gzipSync('name,phone\nBob,1\n'.repeat(200)), /neither/],
    [
      'bytes of any kind',
      Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * at * 31 + at * 7) >> 3)),
      /neither/,
    ],
    ['an archive of CSV files', tarOf('people.csv', 'name,phone\nBob,1\n'.repeat(20)), /neither/],
    ['a database', Buffer.from(`SQLite format 3\0\x10\0\x01\x01\0${'row\n'.repeat(50)}`, 'latin1'), /neither/],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /old kind/],
    ['a damaged workbook', Buffer.from('PK\x03\x04 and so on'), /damaged/],
  ])('is not made of %s', async (_name, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('is not made of a zip file without a workbook', async () => {
    await expect(read(await zipOf({ 'contacts.csv': 'name' }))).rejects.toThrow(/no Excel workbook/);
  });

  it('does not let a workbook fill the memory', async () => {
    const text = `<si><t>${'x'.repeat(1024 ** 2)}</t></si>`;
    const book = await zipOf({
      'xl/workbook.xml': '<workbook/>',
      'xl/worksheets/sheet1.xml': '<worksheet/>',
      'xl/sharedStrings.xml': `<sst>${text.repeat(70)}</sst>`,
    });
    await expect(read(book)).rejects.toThrow(/more text/);
  });
});

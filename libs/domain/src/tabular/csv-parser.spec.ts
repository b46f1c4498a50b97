import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { CsvParser } from './csv-parser.js';
import { MOST_ROW_CHARACTERS } from './table.js';

function parse(text: string, delimiter = ',', newline: '\n' | '\r' = '\n') {
  const parser = new CsvParser(delimiter, newline);
  return [...parser.push(text), ...parser.end()];
}

describe('CsvParser', () => {
  it('reads back what was written, however it is cut into pieces', () => {
    const cell = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'é', '"', ',', ';', '\n', '\r\n', ' ', '=') });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.constantFrom(',', ';'), (written, size, delimiter) => {
        const text = stringify(written, { delimiter, quoted: true });
        const parser = new CsvParser(delimiter);
        const read = [];
        for (let at = 0; at < text.length; at += size) read.push(...parser.push(text.slice(at, at + size)));
        read.push(...parser.end());
        const filled = written.filter((cells) => cells.some((each) => each.trim() !== ''));
        expect(read.map((row) => row.cells)).toEqual(filled);
        expect(read.filter((row) => row.problem)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('counts as many rows as it reads', () => {
    const unit = fc.constantFrom(
      'a',
      '"',
      ',',
      '\n',
      '\r\n',
      ' ',
      '\t',
      '\u00a0',
      '"x"',
      'x'.repeat(MOST_ROW_CHARACTERS),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40, unit }), fc.constantFrom(1, 7, 30_000), (text, step) => {
        const size = text.length > 100 ? 30_000 : step;
        const [reading, counting] = [new CsvParser(','), new CsvParser(',')];
        let [rows, counted] = [0, 0];
        for (let at = 0; at < text.length; at += size) {
          rows += reading.push(text.slice(at, at + size)).length;
          counted += counting.count(text.slice(at, at + size));
          expect(counted).toBe(rows);
        }
        expect(counted + counting.count(null)).toBe(rows + reading.end().length);
      }),
      { numRuns: 300 },
    );
  });

  it('counts lines right through blank lines, quoted line breaks and Windows ends', () => {
    const rows = parse('a,b\r\n\r\n"x\r\ny",1\r\n,,\r\nlast,2');
    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['x\r\ny', '1'] },
      { line: 6, cells: ['last', '2'] },
    ]);
  });

  it('loses one row, not the rest of the file, to a quotation mark that is never closed', () => {
    for (const broken of ['"Bob,123', 'Bob,"123']) {
      const rows = parse(`a,b\n${broken}\n"Alice",456\n"x ""y""",7\n${'r,1\n'.repeat(200)}`);
      expect(rows[1]).toMatchObject({ line: 2, problem: { code: 'quotes' } });
      expect(rows.slice(2, 4)).toEqual([
        { line: 3, cells: ['Alice', '456'] },
        { line: 4, cells: ['x "y"', '7'] },
      ]);
      expect(rows).toHaveLength(204);
    }
    const atEnd = parse('a,b\n"Bob,1\nc,2\nd,3');
    expect(atEnd.map((row) => [row.line, row.problem?.code])).toEqual([
      [1, undefined],
      [2, 'quotes'],
      [3, undefined],
      [4, undefined],
    ]);
  });

  it('takes quotation marks inside of text as they are', () => {
    expect(parse('"Bob" the builder,1\nBob "the",2').map((row) => row.cells)).toEqual([
      ['"Bob" the builder', '1'],
      ['Bob "the"', '2'],
    ]);
  });

  it('tells of rows that are too long and of bytes that are no text', () => {
    const parser = new CsvParser(',');
    const rows = [...parser.push('a,1\n'), ...parser.push('x'.repeat(MOST_ROW_CHARACTERS + 1))];
    for (let i = 0; i < 5; i++) rows.push(...parser.push('x'.repeat(MOST_ROW_CHARACTERS)));
    rows.push(...parser.push('\nb\uFFFD,2\nc\0,3\nd,4\n'), ...parser.end());
    expect(rows.map((row) => [row.line, row.problem?.code])).toEqual([
      [1, undefined],
      [2, 'row_too_long'],
      [3, 'encoding'],
      [4, 'nul'],
      [5, undefined],
    ]);
  });

  it('reads the line ends of old Macs', () => {
    expect(parse('a;b\r"1";2\r', ';', '\r').map((row) => row.cells)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });
});

import type { ImportCounts } from '#contracts';

/** What a file of broken contacts should come to in an empty address book, read as Indonesian. */
export interface Expected {
  /** Rows with something in them. */
  rows: number;
  counts: ImportCounts;
  /** Rows that fail or are skipped, by the code of the reason. */
  codes: Record<string, number>;
}

type Kind = (n: number) => { text: string | Buffer; code?: string; rows?: number };

const phoneOf = (n: number) => `+62812${String(n).padStart(8, '0')}`;
const atHome = (n: number) => `0812-${String(n).padStart(8, '0').slice(0, 4)}-${String(n).padStart(8, '0').slice(4)}`;
const row = (n: number, phone = phoneOf(n), name = `Person ${n}`) => `${name};${phone};lead;Plan ${n % 3}`;

/** One of each way in which rows come broken, or come well although they look broken. A number is used by one row only. */
const kinds: Kind[] = [
  (n) => ({ text: row(n, atHome(n)) }),
  (n) => ({ text: row(n, `00${phoneOf(n).slice(1)}`) }),
  (n) => ({ text: row(n, `'${phoneOf(n)}`) }),
  (n) => ({ text: `"Jane ""${n}"" Doe;\r\nsecond line";${phoneOf(n)};"a;b";x` }),
  (n) => ({ text: row(n, phoneOf(n), `=HYPERLINK(A${n})`) }),
  (n) => ({ text: row(n, phoneOf(n), '@SUM(1)') }),
  (n) => ({ text: `${row(n)};more;columns;than;titles` }),
  (n) => ({ text: `;${phoneOf(n)}` }),
  // The number of a good row, as it is and in another notation.
  (n) => ({ text: row(n, phoneOf(n - 20)), code: 'repeated' }),
  (n) => ({ text: row(n, atHome(n - 20)), code: 'repeated' }),
  (n) => ({ text: row(n, 'no number'), code: 'phone_invalid' }),
  (n) => ({ text: row(n, '+6281'), code: 'phone_invalid' }),
  (n) => ({ text: row(n, '+62812345678901234567'), code: 'phone_invalid' }),
  (n) => ({ text: row(n, '6,28123E+12'), code: 'phone_rounded' }),
  (n) => ({ text: `Only a name ${n}`, code: 'phone_missing' }),
  (n) => ({ text: row(n, phoneOf(n), 'x'.repeat(300)), code: 'too_long' }),
  (n) => ({ text: Buffer.from(row(n, phoneOf(n), 'Jos\xe9'), 'latin1'), code: 'encoding' }),
  (n) => ({ text: `"Somebody ${n};${phoneOf(n)};lead;x`, code: 'quotes' }),
  () => ({ text: '', rows: 0 }),
  () => ({ text: ';;;', rows: 0 }),
  (n) => ({ text: row(n, phoneOf(n), 'N\0ul'), code: 'nul' }),
];
const GOOD_BETWEEN = 20;

/**
 * A CSV file of so many lines: good rows, among which every kind of broken row comes again and again; and one row of
 * 70,000 characters.
 */
export function brokenContacts(lines: number): { bytes: () => Generator<Buffer>; expected: Expected } {
  const expected: Expected = {
    rows: 0,
    counts: { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 },
    codes: {},
  };
  const note = (code: string | undefined, rows = 1) => {
    expected.rows += rows;
    if (rows === 0) return;
    if (code === undefined) expected.counts.created += 1;
    else expected.counts[code === 'repeated' ? 'skipped' : 'failed'] += 1;
    if (code !== undefined) expected.codes[code] = (expected.codes[code] ?? 0) + 1;
  };
  const lineOf = (n: number) => {
    if (n === 30) return { text: row(n, phoneOf(n), 'y'.repeat(70_000)), code: 'row_too_long' };
    const turn = n % (kinds.length + GOOD_BETWEEN);
    return turn < GOOD_BETWEEN ? { text: row(n) } : kinds[turn - GOOD_BETWEEN]!(n);
  };
  for (let n = 0; n < lines; n++) {
    const { code, rows } = lineOf(n) as ReturnType<Kind>;
    note(code, rows);
  }
  const bytes = function* () {
    let parts: Buffer[] = [Buffer.from('\uFEFFNama;No. HP;Label;Paket;Catatan\r\n')];
    for (let n = 0; n < lines; n++) {
      const { text } = lineOf(n);
      parts.push(typeof text === 'string' ? Buffer.from(text) : text, Buffer.from('\r\n'));
      if (parts.length < 2000) continue;
      yield Buffer.concat(parts);
      parts = [];
    }
    yield Buffer.concat(parts);
  };
  return { bytes, expected };
}

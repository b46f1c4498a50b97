import { MOST_COLUMNS, MOST_ROW_CHARACTERS, type TableFile, type TableRow } from './table.js';
import { readFacts, type WorkbookFacts } from './workbook-facts.js';
import { xmlReader } from './workbook-xml.js';
import { WorkbookZip } from './workbook-zip.js';

/** The rows of the first visible sheet of an Excel workbook (.xlsx). Formulas count with the value that was saved. */
export async function* workbookRows(file: TableFile): AsyncGenerator<TableRow[]> {
  const zip = await WorkbookZip.open(file);
  try {
    const facts = await readFacts(zip);
    const rows = new SheetRows(facts);
    for await (const piece of zip.text(facts.sheetPath)) {
      const read = rows.push(piece);
      if (read.length > 0) yield read;
    }
  } finally {
    zip.close();
  }
}

class SheetRows {
  private rows: TableRow[] = [];
  private row: TableRow = { line: 0, cells: [] };
  private length = 0;
  private column = 0;
  private type = '';
  private style = -1;
  private value = '';
  private isValue = false;
  private readonly reader;

  constructor(private readonly facts: WorkbookFacts) {
    this.reader = xmlReader({
      open: (name, attributes) => this.open(name, attributes),
      text: (text) => {
        if (this.isValue && this.value.length <= MOST_ROW_CHARACTERS) this.value += text;
      },
      close: (name) => this.close(name),
    });
  }

  push(piece: string): TableRow[] {
    this.rows = [];
    this.reader.write(piece);
    return this.rows;
  }

  private open(name: string, attributes: Record<string, string>): void {
    if (name === 'row') {
      this.row = { line: Number(attributes.r) || this.row.line + 1, cells: [] };
      this.length = 0;
      this.column = -1;
    } else if (name === 'c') {
      this.column = attributes.r ? columnOf(attributes.r) : this.column + 1;
      this.type = attributes.t ?? 'n';
      this.style = Number(attributes.s ?? -1);
      this.value = '';
    }
    this.isValue = name === 'v' || (name === 't' && this.type === 'inlineStr');
  }

  private close(name: string): void {
    this.isValue = false;
    if (name === 'c' && this.column >= 0 && this.column < MOST_COLUMNS) {
      const text = this.textOf(this.value);
      this.length += text.length;
      // A row may have no cell where nothing stands.
      while (this.row.cells.length < this.column) this.row.cells.push('');
      this.row.cells[this.column] = text;
    }
    if (name !== 'row' || this.row.cells.every((cell) => cell.trim() === '')) return;
    if (this.length > MOST_ROW_CHARACTERS) {
      this.row.cells = [];
      const message = `The row has more than ${MOST_ROW_CHARACTERS} characters.`;
      this.row.problem = { code: 'row_too_long', message };
    }
    this.rows.push(this.row);
  }

  private textOf(value: string): string {
    if (this.type === 's') return this.facts.texts[Number(value)] ?? '';
    if (this.type === 'b') return value === '1' ? 'true' : 'false';
    if (this.type !== 'n' || value === '') return value;
    const number = Number(value);
    if (!Number.isFinite(number)) return value;
    if (this.facts.isDate[this.style]) return dateOf(number, this.facts.is1904);
    // Phone numbers come as 6.2812E+12, which is not how anybody reads them.
    return Number.isSafeInteger(number) ? String(number) : value;
  }
}

/** B7 is in column 1. */
function columnOf(cell: string): number {
  let column = 0;
  for (const letter of /^[A-Z]+/.exec(cell)?.[0] ?? 'A') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Days since the end of 1899 as ISO 8601, with the time where there is one. */
function dateOf(days: number, is1904: boolean): string {
  const at = new Date(Math.round((days + (is1904 ? 1462 : 0) - 25_569) * 86_400_000));
  if (Number.isNaN(at.getTime())) return String(days);
  const iso = at.toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19);
}

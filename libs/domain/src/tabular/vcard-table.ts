import ICAL from 'ical.js';
import type { RowProblem, TableFile, TableRow } from './table.js';
import { decodeText } from './text-decoding.js';

/** Titles of what is read of cards. A card with several numbers gives a row for each. */
export const vcardColumns = ['name', 'phone', 'email', 'organization', 'tags'];

const MOST_CARD_CHARACTERS = 100_000;
/** Pictures, sounds and keys: long, and of no use here. */
const heavy = /^(item\d+\.)?(PHOTO|LOGO|SOUND|KEY)[;:]/i;
const unreadable = (message: string): RowProblem => ({ code: 'card_unreadable', message });

/** The rows of a file of vCards, versions 3.0 and 4.0, and what phones write as 2.1. */
export async function* vcardRows(file: TableFile, encoding: string): AsyncGenerator<TableRow[]> {
  const cards = new CardLines();
  const bytes = await file.open();
  try {
    for await (const text of decodeText(bytes, encoding)) {
      const rows = cards.push(text);
      if (rows.length > 0) yield rows;
    }
    const rest = cards.end();
    if (rest.length > 0) yield rest;
  } finally {
    bytes.destroy();
  }
}

/** Cuts text into cards. */
class CardLines {
  private text = '';
  private line = 0;
  private card: { line: number; lines: string[]; length: number } | null = null;
  private isHeavy = false;

  push(text: string): TableRow[] {
    this.text += text;
    const lines = this.text.split('\n');
    this.text = lines.pop()!;
    return lines.flatMap((line) => this.take(line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  end(): TableRow[] {
    const rows = this.text === '' ? [] : this.take(this.text);
    const { card } = this;
    if (!card) return rows;
    return [...rows, { line: card.line, cells: [], problem: unreadable('The card has no END:VCARD.') }];
  }

  private take(line: string): TableRow[] {
    this.line += 1;
    if (/^\uFEFF?BEGIN:VCARD\s*$/i.test(line)) {
      const open = this.card;
      this.card = { line: this.line, lines: ['BEGIN:VCARD'], length: 0 };
      this.isHeavy = false;
      return open ? [{ line: open.line, cells: [], problem: unreadable('The card has no END:VCARD.') }] : [];
    }
    const { card } = this;
    if (!card) return [];
    if (/^END:VCARD\s*$/i.test(line)) {
      this.card = null;
      return rowsOf(card.line, card.length > MOST_CARD_CHARACTERS ? null : [...card.lines, 'END:VCARD']);
    }
    // A property goes on in lines that begin with a blank.
    this.isHeavy = /^[ \t]/.test(line) ? this.isHeavy : heavy.test(line);
    card.length += this.isHeavy ? 0 : line.length;
    if (!this.isHeavy && card.length <= MOST_CARD_CHARACTERS) card.lines.push(line);
    return [];
  }
}

function rowsOf(line: number, lines: string[] | null): TableRow[] {
  if (!lines) {
    return [{ line, cells: [], problem: unreadable(`The card has more than ${MOST_CARD_CHARACTERS} characters.`) }];
  }
  try {
    const card = new ICAL.Component(ICAL.parse(modernized(lines).join('\r\n')) as unknown[]);
    const first = (name: string) => textOf(card.getFirstPropertyValue(name));
    const name = first('fn') || nameOf(card.getFirstPropertyValue('n'));
    const rest = [first('email'), first('org'), card.getAllProperties('categories').flatMap(valuesOf).join(';')];
    const phones = card.getAllProperties('tel').filter(isForPeople).flatMap(valuesOf).map(withoutScheme);
    const distinct = [...new Set(phones.filter((phone) => phone !== ''))];
    return (distinct.length > 0 ? distinct : ['']).map((phone) => ({ line, cells: [name, phone, ...rest] }));
  } catch {
    return [{ line, cells: [], problem: unreadable('The card cannot be read: it is damaged, or no vCard.') }];
  }
}

/** Version 2.1 has bare parameters (TEL;CELL:…) and its own way to write what is not ASCII. */
function modernized(lines: string[]): string[] {
  if (!lines.some((line) => /^VERSION:2\.1\s*$/i.test(line))) return lines;
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last?.endsWith('=') && /QUOTED-PRINTABLE/i.test(last)) joined[joined.length - 1] = last.slice(0, -1) + line;
    else joined.push(line);
  }
  return joined.map((line) => {
    const [, head, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
    if (head === undefined || value === undefined || !head.includes(';')) return line;
    const isPrintable = /QUOTED-PRINTABLE/i.test(head);
    const name = head.split(';')[0]!;
    const types = head
      .split(';')
      .slice(1)
      .filter((one) => /^[A-Z-]+$/i.test(one) && !/PRINTABLE/i.test(one));
    const text = isPrintable ? quotedPrintable(value) : value;
    return `${name}${types.length > 0 ? `;TYPE=${types.join(',')}` : ''}:${text}`;
  });
}

function quotedPrintable(value: string): string {
  const bytes = value.replace(/=([0-9A-F]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replace(/\r?\n/g, '\\n');
}

/** Nobody chats on a fax or a pager. */
function isForPeople(property: ICAL.Property): boolean {
  return ![property.getParameter('type') ?? []].flat().some((type) => /fax|pager|modem/i.test(String(type)));
}

function valuesOf(property: ICAL.Property): string[] {
  return (property.getValues() as unknown[]).map(textOf);
}

/** `tel:+62-812;ext=1`, as version 4.0 writes numbers. */
function withoutScheme(value: string): string {
  return value.replace(/^tel:/i, '').split(';')[0]!.trim();
}

function nameOf(parts: unknown): string {
  if (!Array.isArray(parts)) return textOf(parts);
  const [family, given, middle] = parts.map(textOf);
  return [given, middle, family].filter(Boolean).join(' ');
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return (Array.isArray(value) ? value.filter(Boolean).join(', ') : String(value)).trim();
}

import { posix } from 'node:path';
import { TableUnreadable } from './table.js';
import { readXml } from './workbook-xml.js';
import type { WorkbookZip } from './workbook-zip.js';

/** Most characters of all texts of a workbook: they are in memory, because cells name them by their number. */
const MOST_TEXT = 64 * 1024 ** 2;

/** What is known of a workbook before its rows are read. */
export interface WorkbookFacts {
  sheetPath: string;
  /** The texts that cells name by their number. */
  texts: string[];
  /** Whether the style of this number shows a number as a date. */
  isDate: boolean[];
  /** Days are counted from 1904 instead of 1900. */
  is1904: boolean;
}

/** @throws TableUnreadable */
export async function readFacts(zip: WorkbookZip): Promise<WorkbookFacts> {
  if (!zip.has('xl/workbook.xml')) {
    throw new TableUnreadable('This zip file is no Excel workbook (.xlsx). Unpack it, and send the file in it.');
  }
  const targets = new Map<string, string>();
  if (zip.has('xl/_rels/workbook.xml.rels')) {
    await readXml(zip.text('xl/_rels/workbook.xml.rels'), {
      open: (name, { Id, Target }) => name === 'Relationship' && Id && Target && targets.set(Id, Target),
    });
  }
  let sheet: string | undefined;
  let is1904 = false;
  await readXml(zip.text('xl/workbook.xml'), {
    open: (name, attributes) => {
      if (name === 'workbookPr') is1904 = ['1', 'true'].includes(attributes.date1904 ?? '');
      // The first that is to be seen.
      if (name === 'sheet' && (attributes.state ?? 'visible') === 'visible') sheet ??= attributes['r:id'];
    },
  });
  const target = (sheet && targets.get(sheet)) ?? 'worksheets/sheet1.xml';
  const sheetPath = target.startsWith('/') ? target.slice(1) : posix.join('xl', target);
  if (!zip.has(sheetPath)) throw new TableUnreadable('The workbook has no sheet that can be read.');
  return { sheetPath, texts: await readTexts(zip), isDate: await readDateStyles(zip), is1904 };
}

async function readTexts(zip: WorkbookZip): Promise<string[]> {
  const texts: string[] = [];
  if (!zip.has('xl/sharedStrings.xml')) return texts;
  let size = 0;
  let text = '';
  let isText = false;
  // Readings in another script stand beside Japanese texts.
  let isReading = false;
  await readXml(zip.text('xl/sharedStrings.xml'), {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 'rPh') isReading = true;
      isText = name === 't' && !isReading;
    },
    text: (piece) => {
      if (!isText) return;
      size += piece.length;
      if (size > MOST_TEXT) throw new TableUnreadable('The workbook has more text than can be read. Save it as CSV.');
      text += piece;
    },
    close: (name) => {
      if (name === 'rPh') isReading = false;
      if (name === 't') isText = false;
      if (name === 'si') texts.push(text);
    },
  });
  return texts;
}

/** The numbers of Excel's own formats that are dates and times. */
const isOwnDateFormat = (id: number) => (id >= 14 && id <= 22) || (id >= 45 && id <= 47);

async function readDateStyles(zip: WorkbookZip): Promise<boolean[]> {
  const styles: boolean[] = [];
  if (!zip.has('xl/styles.xml')) return styles;
  const custom = new Map<number, boolean>();
  let isStyles = false;
  await readXml(zip.text('xl/styles.xml'), {
    open: (name, attributes) => {
      if (name === 'numFmt') custom.set(Number(attributes.numFmtId), showsDate(attributes.formatCode ?? ''));
      if (name === 'cellXfs') isStyles = true;
      if (name !== 'xf' || !isStyles) return;
      const id = Number(attributes.numFmtId);
      styles.push(custom.get(id) ?? isOwnDateFormat(id));
    },
    close: (name) => {
      if (name === 'cellXfs') isStyles = false;
    },
  });
  return styles;
}

/** Letters of days and years, outside of what is quoted or a condition. */
function showsDate(format: string): boolean {
  return /[dyh]/i.test(format.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, ''));
}

import { errors, type ImportColumn, type ImportOptions } from '#contracts';
import { openTable } from '../tabular/open-table.js';
import { type Table, type TableFile, TableUnreadable } from '../tabular/table.js';
import { looksLikeTitles, type Mapping, mapColumns } from './column-mapping.js';

/** Most titles that a message names. */
const MOST_NAMED = 20;

type Reading = Pick<ImportOptions, 'encoding' | 'delimiter' | 'hasTitles'>;

/** Opens a file of contacts whose columns were looked at before. @throws TableUnreadable */
export function openContacts(file: TableFile, reading: Reading, columns: readonly ImportColumn[]): Promise<Table> {
  const hasTitles = columns.some(({ title }) => title !== null);
  return openTable(file, { ...given(reading), hasTitles });
}

/**
 * Looks at the beginning of a file of contacts: what it is, and what its columns are.
 * @throws importUnreadable, and validation when no column has phone numbers or the mapping names one that is not there
 */
export async function lookAtContacts(
  file: TableFile,
  reading: Reading,
  mapping: Mapping,
): Promise<{ format: Table['format']; columns: ImportColumn[] }> {
  try {
    const isTitles = (cells: string[]) => looksLikeTitles(cells, mapping);
    const table = await openTable(file, { ...given(reading), hasTitles: reading.hasTitles ?? undefined, isTitles });
    const width = await widthOf(table);
    if (width === 0 && table.columns.length === 0)
      throw new TableUnreadable('The first row of the file cannot be read.');
    return { format: table.format, columns: columnsOf(table, mapping, width) };
  } catch (failure) {
    if (failure instanceof TableUnreadable) throw errors.importUnreadable({ message: failure.message, cause: failure });
    throw failure;
  }
}

function given({ encoding, delimiter }: Reading) {
  return { encoding: encoding ?? undefined, delimiter: delimiter ?? undefined };
}

async function widthOf(table: Table): Promise<number> {
  for await (const batch of table.batches) return batch[0]?.cells.length ?? 0;
  return 0;
}

function columnsOf(table: Table, mapping: Mapping, width: number): ImportColumn[] {
  const { columns, unknown } = mapColumns(table.columns, mapping, table.columns.length > 0 ? 0 : width);
  const titles = table.columns.slice(0, MOST_NAMED).join(', ');
  if (unknown.length > 0) {
    const known = titles === '' ? `it has ${width} columns without titles, named by their number` : `it has ${titles}`;
    throw errors.validation({
      fields: unknown.map((name) => ({ path: 'mapping', message: `the file has no column "${name}"; ${known}` })),
    });
  }
  if (!columns.some(({ target }) => target === 'phone')) {
    const message =
      titles === ''
        ? 'must say which column has the phone numbers, for example {"1": "phone"}'
        : `must say which column has the phone numbers; the file has ${titles}`;
    throw errors.validation({ fields: [{ path: 'mapping', message }] });
  }
  return columns;
}

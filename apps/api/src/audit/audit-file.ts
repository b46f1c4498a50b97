import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import type { AuditEntryRow } from '#database';
import { type AuditEntryOut, presentAuditEntry } from './audit.dto.js';

const columns = [
  'createdAt',
  'action',
  'outcome',
  'actorKind',
  'userId',
  'userName',
  'userEmail',
  'apiKeyName',
  'credentialId',
  'resourceType',
  'resourceId',
  'resourceName',
  'before',
  'after',
  'ipAddress',
  'userAgent',
  'requestId',
  'isRedacted',
  'seq',
  'hash',
  'id',
] as const;

/** Streams entries as a file, one after another: what a slow client has not taken yet is not read. */
export function auditFile(entries: AsyncGenerator<AuditEntryRow>, format: 'csv' | 'ndjson'): StreamableFile {
  const day = new Date().toISOString().slice(0, 10);
  const disposition = `attachment; filename="audit-${day}.${format}"`;
  if (format === 'ndjson') {
    return new StreamableFile(Readable.from(lines(entries)), { type: 'application/x-ndjson', disposition });
  }
  // A cell that begins like a formula is written as text: some names and user agents were chosen by strangers.
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true, bom: true });
  const source = Readable.from(cells(entries));
  source.on('error', (failure) => csv.destroy(failure));
  csv.on('close', () => source.destroy());
  return new StreamableFile(source.pipe(csv), { type: 'text/csv; charset=utf-8', disposition });
}

async function* lines(entries: AsyncGenerator<AuditEntryRow>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(presentAuditEntry(entry))}\n`;
}

async function* cells(entries: AsyncGenerator<AuditEntryRow>): AsyncGenerator<(string | number | null)[]> {
  for await (const entry of entries) {
    const shown = presentAuditEntry(entry);
    yield columns.map((column) => cellOf(shown, column));
  }
}

function cellOf(entry: AuditEntryOut, column: (typeof columns)[number]): string | number | null {
  if (column === 'userName') return entry.user?.name ?? null;
  if (column === 'userEmail') return entry.user?.email ?? null;
  const value = entry[column];
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'boolean' ? String(value) : value;
}

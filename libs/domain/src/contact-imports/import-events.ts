import type { EventActor, ImportProgress, NewEvent } from '#contracts';
import type { ContactImportRow } from '#database';

type ImportEventName = 'import.queued' | 'import.progress' | 'import.completed' | 'import.failed' | 'import.cancelled';

/** An event of an import, with how far it is. */
export function importEvent(
  name: ImportEventName,
  row: ContactImportRow,
  actor: EventActor = { kind: 'system' },
): NewEvent {
  const { organizationId, profileId } = row;
  return { organizationId, profileId, name, actor, payload: progressOf(row) };
}

function progressOf(row: ContactImportRow): ImportProgress {
  const { id: importId, state, isDryRun, fileName, totalRows, doneRows, error } = row;
  const { created, updated, unchanged, skipped, failed } = row;
  const counts = { created, updated, unchanged, skipped, failed };
  return { importId, state, isDryRun, fileName, totalRows, doneRows, counts, error };
}

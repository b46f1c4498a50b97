import {
  type Database,
  deleteExportsOfPerson,
  type ErasureReport,
  type ErasureRow,
  type EventNaming,
  eraseAuthored,
  eraseDeliveries,
  eraseEngineTraces,
  eraseFromAudiences,
  eraseHookRequests,
  eraseImportRows,
  eraseMessages,
  erasePerson,
  eraseSchedulesTo,
  findEventsNaming,
  findPersonTraces,
  listStreams,
  type PersonTraces,
  removeUnnamedMedia,
  replacePayloads,
} from '#database';
import type { MediaStorage } from '#storage';
import type { AuditChain } from '../platform/audit-chain.js';
import { redactAudit } from './audit-redaction.js';
import { forgetWebhooks } from './forgotten-webhooks.js';
import { isOfChatWith, redactedPayload } from './redact-payload.js';
import { removeUnnamedFiles } from './unnamed-files.js';

/** Rows of one transaction. */
const AT_ONCE = 500;
const EVENTS_AT_ONCE = 5000;

export interface EraserParts {
  db: Database;
  storage: MediaStorage;
  chain: AuditChain;
}

/** Called after each step with what was done so far; throws when the work is to stop. */
export type NoteStep = (report: ErasureReport) => Promise<void>;

/**
 * Erases a person who is a contact, everywhere in the organization: what they wrote and were sent, their files, numbers
 * and names, and what the log, webhooks and the audit trail tell of them. In steps of bounded size, each of which may
 * run again.
 */
export class ContactEraser {
  constructor(private readonly parts: EraserParts) {}

  async run(erasure: ErasureRow, report: ErasureReport, note: NoteStep): Promise<void> {
    const { db } = this.parts;
    const { organizationId, personId } = erasure;
    const traces = personId && (await findPersonTraces(db, organizationId, personId));
    // Erased by an earlier try, which died before it could say so.
    if (!traces) return;
    const copies = await db.system((tx) => deleteExportsOfPerson(tx, personId));
    count(report, 'removed', 'data_exports', copies.length);
    report.files = (report.files ?? 0) + (await removeUnnamedFiles(db, this.parts.storage, copies, 0));
    await this.eraseMessages(traces, report, note);
    for (const profileId of traces.profileIds) {
      const answers = await db.system((tx) => eraseDeliveries(tx, profileId, traces.conversationIds));
      count(report, 'redacted', 'webhook_attempts', answers);
    }
    await forgetWebhooks(db, () => true);
    const digits = [...traces.phones, ...traces.lids];
    const keys = await db.system((tx) => eraseEngineTraces(tx, traces.profileIds, digits));
    count(report, 'removed', 'engine_keys', keys);
    await this.eraseWishes(traces, digits, report);
    const requests = await db.system((tx) => eraseHookRequests(tx, organizationId, traces.phones));
    count(report, 'removed', 'hook_requests', requests);
    const imported = await db.system((tx) => eraseImportRows(tx, organizationId, traces.phones));
    count(report, 'removed', 'contact_import_rows', imported);
    await note(report);
    await this.redactEvents(traces, digits, report, note);
    const redacted = await redactAudit(
      db,
      this.parts.chain,
      organizationId,
      {
        userId: null,
        resourceIds: [personId, ...traces.conversationIds],
        // Not names: what happens to be called like the person is no trace of them.
        texts: digits,
      },
      erasure.id,
    );
    count(report, 'redacted', 'audit_entries', redacted);
    for (;;) {
      const gone = await db.system((tx) => erasePerson(tx, personId));
      if (gone) {
        for (const [table, rows] of Object.entries(gone)) count(report, 'removed', table, rows);
        return;
      }
      // Something was written to them, or by them, while we worked.
      await this.eraseMessages(traces, report, note);
      await this.redactEvents(traces, digits, report, note);
    }
  }

  /** What was still to be said to the person, and statuses that they might see. */
  private async eraseWishes({ organizationId }: PersonTraces, digits: string[], report: ErasureReport): Promise<void> {
    const { db } = this.parts;
    const schedules = await db.system((tx) => eraseSchedulesTo(tx, organizationId, digits));
    count(report, 'removed', 'scheduled_messages', schedules);
    const audiences = await db.system((tx) => eraseFromAudiences(tx, organizationId, digits));
    count(report, 'redacted', 'status_audiences', audiences);
  }

  private async eraseMessages(traces: PersonTraces, report: ErasureReport, note: NoteStep): Promise<void> {
    const { db, storage } = this.parts;
    for (;;) {
      const { most, removed, keys } = await db.system(async (tx) => {
        const ofChats = await eraseMessages(tx, traces.conversationIds, AT_ONCE);
        const elsewhere = await eraseAuthored(tx, traces.personId, AT_ONCE);
        return {
          most: Math.max(ofChats.count, elsewhere.count),
          removed: ofChats.count + elsewhere.count,
          keys: await removeUnnamedMedia(tx, [...ofChats.mediaIds, ...elsewhere.mediaIds]),
        };
      });
      count(report, 'removed', 'messages', removed);
      count(report, 'removed', 'media_objects', keys.length);
      report.files = (report.files ?? 0) + (await removeUnnamedFiles(db, storage, keys));
      await note(report);
      if (most < AT_ONCE) return;
    }
  }

  private async redactEvents(
    traces: PersonTraces,
    digits: string[],
    report: ErasureReport,
    note: NoteStep,
  ): Promise<void> {
    const { db } = this.parts;
    const told = (rows: number) => {
      count(report, 'redacted', 'events', rows);
      return note(report);
    };
    for (const streamId of await listStreams(db, traces.organizationId)) {
      const former = await this.formerChats(streamId, digits);
      const conversationIds = [...new Set([...traces.conversationIds, ...former])];
      const redact = (event: EventNaming) => redactedPayload(event.payload, event.isOfPerson, digits);
      await redactStream(db, streamId, { conversationIds, texts: digits }, redact, told);
    }
  }

  /** Chats with the person of which only the log knows any more, since their profile was deleted. */
  private async formerChats(streamId: string, digits: string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let after = 0, isEnd = digits.length === 0; !isEnd; ) {
      const what = { conversationIds: [], texts: digits };
      const step = await findEventsNaming(this.parts.db, streamId, after, EVENTS_AT_ONCE, what);
      for (const { conversationId, payload } of step.events) {
        if (conversationId && isOfChatWith(payload, digits)) found.add(conversationId);
      }
      ({ through: after, isEnd } = step);
    }
    return found;
  }
}

/** Puts other payloads in place of those of events that name somebody, a bounded part of the stream at a time. */
export async function redactStream(
  db: Database,
  streamId: string,
  what: { conversationIds: string[]; texts: string[] },
  redact: (event: EventNaming) => unknown,
  note: (changed: number) => Promise<void>,
): Promise<void> {
  for (let after = 0, isEnd = false; !isEnd; ) {
    const step = await findEventsNaming(db, streamId, after, EVENTS_AT_ONCE, what);
    const changed = step.events
      .map((event) => ({ id: event.id, former: JSON.stringify(event.payload), payload: redact(event) }))
      .filter(({ former, payload }) => JSON.stringify(payload) !== former);
    await replacePayloads(db, changed);
    await note(changed.length);
    ({ through: after, isEnd } = step);
  }
}

export function count(report: ErasureReport, what: 'removed' | 'redacted', table: string, rows: number): void {
  if (rows === 0) return;
  report[what] ??= {};
  report[what][table] = (report[what][table] ?? 0) + rows;
}

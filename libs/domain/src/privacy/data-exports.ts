import type { Readable } from 'node:stream';
import { type Actor, type ConversationId, errors, eventActor, newId, type Origin } from '#contracts';
import {
  appendEvents,
  type ConversationExportOptions,
  countOpenExports,
  type Database,
  type DataExportRow,
  deleteDataExport,
  findConversation,
  findDataExport,
  findDataExportById,
  findPersonBy,
  insertDataExport,
  listDataExports,
  type Tx,
} from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import { recordAudit } from '../platform/audit-trail.js';
import type { ContactRef } from './erasures.js';
import { exportEvent } from './export-builder.js';
import type { ExportLinks } from './export-links.js';
import { removeUnnamedFiles } from './unnamed-files.js';

/** Copies of one person that may be in the making at a time. */
const MOST_OPEN = 3;

/** Copies of personal data: of one's own, and of contacts. Only who asked for one sees it and may fetch it. */
export class DataExports {
  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
    private readonly links: ExportLinks,
  ) {}

  /** @throws tooManyExports */
  request(actor: Actor): Promise<DataExportRow> {
    return this.db.tenant(actor, (tx) => this.requestWithin(tx, actor, { kind: 'user', personId: null }));
  }

  /** The newest own copy that is there or in the making; when there is none, one is asked for. */
  latestOrRequest(actor: Actor): Promise<DataExportRow> {
    return this.db.tenant(actor, async (tx) => {
      const [newest] = await listDataExports(tx, actor, { kind: 'user', limit: 1 });
      if (newest && ['queued', 'running', 'ready'].includes(newest.state)) return newest;
      return this.requestWithin(tx, actor, { kind: 'user', personId: null });
    });
  }

  /** @throws notFound, tooManyExports */
  requestOfContact(actor: Actor, contact: ContactRef): Promise<DataExportRow> {
    return this.db.tenant(actor, async (tx) => {
      const personId = await findPersonBy(tx, actor.organizationId, contact);
      if (!personId) throw errors.notFound({ message: 'There is no such contact.' });
      return this.requestWithin(tx, actor, { kind: 'contact', personId });
    });
  }

  /** A conversation as a file. @throws notFound, tooManyExports */
  requestOfConversation(
    actor: Actor,
    conversationId: ConversationId,
    options: ConversationExportOptions,
  ): Promise<DataExportRow> {
    return this.db.tenant(actor, async (tx) => {
      const conversation = await findConversation(tx, actor.organizationId, conversationId);
      if (!conversation) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
      }
      const { personId } = conversation;
      return this.requestWithin(tx, actor, { kind: 'conversation', personId, conversationId, options });
    });
  }

  /** Newest first; `limit` of them older than `before`. */
  list(actor: Actor, page: { kind: DataExportRow['kind']; before?: string; limit: number }): Promise<DataExportRow[]> {
    return this.db.tenant(actor, (tx) => listDataExports(tx, actor, page));
  }

  /** The same of one conversation. @throws notFound (the conversation) */
  listOfConversation(
    actor: Actor,
    page: { conversationId: ConversationId; before?: string; limit: number },
  ): Promise<DataExportRow[]> {
    return this.db.tenant(actor, async (tx) => {
      const { conversationId } = page;
      if (!(await findConversation(tx, actor.organizationId, conversationId))) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
      }
      return listDataExports(tx, actor, { kind: 'conversation', ...page });
    });
  }

  /** @throws notFound */
  get(actor: Actor, kind: DataExportRow['kind'], id: string): Promise<DataExportRow> {
    return this.db.tenant(actor, (tx) => this.own(tx, actor, kind, id));
  }

  /** Also stops one that is being made. @throws notFound */
  async delete(actor: Actor, kind: DataExportRow['kind'], id: string): Promise<void> {
    const row = await this.db.tenant(actor, async (tx) => {
      const own = await this.own(tx, actor, kind, id, 'update');
      await deleteDataExport(tx, id);
      await recordAudit(tx, actor, { action: 'privacy.export_delete', resource: resourceOf(own), before: { kind } });
      return own;
    });
    if (row.storageKey) await removeUnnamedFiles(this.db, this.storage, [row.storageKey], 0);
  }

  /** The link of a copy that is ready; null otherwise. */
  linkOf(row: DataExportRow): { token: string; expiresAt: Date } | null {
    return row.state === 'ready' ? this.links.sign(row.id) : null;
  }

  /**
   * Opens the file that a link names. Each fetch is recorded first.
   * @throws linkInvalid; exportNotReady when the copy is gone
   */
  async open(token: string, origin: Origin): Promise<{ file: Readable; row: DataExportRow }> {
    const id = this.links.open(token);
    const row = id && (await findDataExportById(this.db, id));
    if (!row) throw errors.linkInvalid();
    if (row.state !== 'ready' || !row.storageKey || row.expiresAt! <= new Date()) throw errors.exportNotReady();
    const { organizationId, userId, kind } = row;
    await this.db.system((tx) =>
      recordAudit(
        tx,
        { kind: 'anonymous', organizationId, origin },
        { action: 'privacy.export_download', resource: resourceOf(row), after: { kind, linkOf: userId } },
      ),
    );
    try {
      return { file: await this.storage.open(row.storageKey), row };
    } catch (failure) {
      throw failure instanceof MediaMissing ? errors.exportNotReady({ cause: failure }) : failure;
    }
  }

  private async own(
    tx: Tx,
    actor: Actor,
    kind: DataExportRow['kind'],
    id: string,
    lock?: 'update',
  ): Promise<DataExportRow> {
    const row = await findDataExport(tx, actor, id, lock);
    if (row?.kind !== kind) throw errors.notFound({ message: 'There is no such copy.', details: { id } });
    return row;
  }

  private async requestWithin(
    tx: Tx,
    actor: Actor,
    what: Pick<DataExportRow, 'kind' | 'personId'> & Partial<Pick<DataExportRow, 'conversationId' | 'options'>>,
  ): Promise<DataExportRow> {
    if ((await countOpenExports(tx, actor)) >= MOST_OPEN) throw errors.tooManyExports();
    const { organizationId, userId } = actor;
    const row = await insertDataExport(tx, { id: newId(), organizationId, userId, ...what });
    const { kind, personId, conversationId: exported } = row;
    await recordAudit(tx, actor, {
      action: kind === 'conversation' ? 'conversation.export' : 'privacy.export_request',
      resource: resourceOf(row),
      after: { kind, personId, ...(exported && { conversationId: exported, ...row.options }) },
    });
    await appendEvents(tx, [exportEvent('data_export.requested', row, eventActor(actor))]);
    return row;
  }
}

function resourceOf({ id }: DataExportRow) {
  return { type: 'data_export', id };
}

import {
  countPersonalMessages,
  type Database,
  type DataExportRow,
  findMediaFiles,
  findPersonTraces,
  listActorIds,
  listAuditEntries,
  listStreams,
  type MessagesWithPerson,
  readAccount,
  readContact,
  readMessagesOf,
  readSentBy,
} from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import type { MessageRecord } from '../messaging/message-view.js';
import { conversationPages, transcript } from './conversation-transcript.js';
import type { ExportArchive } from './export-archive.js';
import { mediaPath } from './media-path.js';

const AT_ONCE = 500;
const EVENTS_AT_ONCE = 5000;

/** Said after each step: how much of all there is to do is done, 0 to 1. */
export type NoteShare = (share: number) => void;

/** What goes into a copy of personal data. */
export class ExportContents {
  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
  ) {}

  /** @returns false when the person is not there any more */
  async write(request: DataExportRow, archive: ExportArchive, note: NoteShare): Promise<boolean> {
    const isThere = await this.writeParts(request, archive, note);
    if (!isThere) return false;
    archive.addJson('manifest.json', {
      exportId: request.id,
      kind: request.kind,
      requestedAt: request.createdAt,
      writtenAt: new Date(),
      contents: { ...archive.contents },
      formats: 'json: one document; ndjson: one JSON object a line; media: the files as they are, named by their id.',
    });
    return true;
  }

  private writeParts(request: DataExportRow, archive: ExportArchive, note: NoteShare): Promise<boolean> {
    switch (request.kind) {
      case 'user':
        return this.writeAccount(request, archive, note);
      case 'contact':
        return this.writeContact(request, archive, note);
      case 'conversation':
        return this.writeConversation(request, archive, note);
    }
  }

  private async writeConversation(request: DataExportRow, archive: ExportArchive, note: NoteShare): Promise<boolean> {
    const { organizationId, conversationId } = request;
    const { format, media } = request.options ?? { format: 'txt', media: false };
    const all = conversationId && (await countPersonalMessages(this.db, { conversationId }));
    const pages = conversationId && (await conversationPages(this.db, organizationId, conversationId));
    if (!all || !pages) return false;
    const steps = Math.max(1, all.messages + (media ? all.media : 0));
    const mediaIds: string[] = [];
    let done = 0;
    const each = (record: MessageRecord) => {
      note(++done / steps);
      const mediaId = record.revokedAt === null ? mediaIdOf(record) : undefined;
      if (mediaId) mediaIds.push(mediaId);
    };
    await archive.addText(`conversation.${format}`, transcript(format, pages, { media, each }));
    if (media) await this.addMedia(organizationId, mediaIds, archive, () => note(Math.min(1, ++done / steps)));
    return true;
  }

  private async writeAccount(request: DataExportRow, archive: ExportArchive, note: NoteShare): Promise<boolean> {
    const { organizationId, userId } = request;
    const parts = await readAccount(this.db, organizationId, userId);
    if (parts.account?.length === 0) return false;
    for (const [name, rows] of Object.entries(parts)) archive.addJson(`${name}.json`, rows);
    note(0.05);
    await archive.addLines('activity.ndjson', this.activity(request));
    note(0.2);
    const mediaIds = new Set<string>();
    await archive.addLines(
      'sent-messages.ndjson',
      this.sent(request, mediaIds, (share) => note(0.2 + 0.5 * share)),
    );
    await this.addMedia(organizationId, [...mediaIds], archive, (share) => note(0.7 + 0.3 * share));
    return true;
  }

  private async writeContact(request: DataExportRow, archive: ExportArchive, note: NoteShare): Promise<boolean> {
    const { organizationId, personId } = request;
    const traces = personId && (await findPersonTraces(this.db, organizationId, personId));
    if (!traces) return false;
    for (const [name, rows] of Object.entries(await readContact(this.db, organizationId, personId))) {
      archive.addJson(`${name}.json`, rows);
    }
    const where: MessagesWithPerson[] = [
      ...traces.conversationIds.map((conversationId) => ({ conversationId })),
      { writtenBy: personId },
    ];
    const totals = await Promise.all(where.map((which) => countPersonalMessages(this.db, which)));
    const all = Math.max(
      1,
      totals.reduce((sum, { messages, media }) => sum + messages + media, 0),
    );
    let done = 0;
    await archive.addLines(
      'messages.ndjson',
      this.messages(where, () => note(++done / all)),
    );
    for (const which of where) {
      for await (const ids of this.mediaIds(which)) {
        await this.addMedia(organizationId, ids, archive, () => note(Math.min(1, ++done / all)));
      }
    }
    return true;
  }

  /** What the audit trail tells of the person. */
  private async *activity({ organizationId, userId }: DataExportRow): AsyncGenerator<unknown> {
    for (let before: string | undefined; ; ) {
      const entries = await listAuditEntries(this.db, organizationId, { userId }, { before, limit: AT_ONCE });
      for (const { id, at, action, outcome, resourceType, resourceId, actorDetails, change } of entries) {
        const { salt: _, ...from } = actorDetails ?? { salt: '' };
        yield { id, at, action, outcome, resourceType, resourceId, resourceName: change?.name ?? null, from };
      }
      if (entries.length < AT_ONCE) return;
      before = entries.at(-1)!.id;
    }
  }

  private async *sent(request: DataExportRow, mediaIds: Set<string>, note: NoteShare): AsyncGenerator<unknown> {
    const { organizationId, userId } = request;
    const actorIds = await listActorIds(this.db, organizationId, userId);
    const streams = await listStreams(this.db, organizationId);
    for (const [index, streamId] of streams.entries()) {
      for (let after = 0, isEnd = false; !isEnd; ) {
        const step = await readSentBy(this.db, streamId, after, EVENTS_AT_ONCE, actorIds);
        for (const row of step.rows) {
          const mediaId = mediaIdOf(row.payload);
          if (mediaId) mediaIds.add(mediaId);
          yield row;
        }
        ({ through: after, isEnd } = step);
      }
      note((index + 1) / streams.length);
    }
  }

  private async *messages(where: MessagesWithPerson[], each: () => void): AsyncGenerator<unknown> {
    for (const which of where) {
      for await (const rows of this.pages(which)) {
        for (const row of rows) {
          each();
          yield row;
        }
      }
    }
  }

  private async *mediaIds(which: MessagesWithPerson): AsyncGenerator<string[]> {
    for await (const rows of this.pages(which)) yield rows.flatMap((row) => mediaIdOf(row) ?? []);
  }

  private async *pages(which: MessagesWithPerson) {
    for (let after: string | null = null; ; ) {
      const rows: Awaited<ReturnType<typeof readMessagesOf>> = await readMessagesOf(this.db, which, after, AT_ONCE);
      if (rows.length > 0) yield rows;
      if (rows.length < AT_ONCE) return;
      after = rows.at(-1)!.id;
    }
  }

  private async addMedia(
    organizationId: string,
    ids: string[],
    archive: ExportArchive,
    note: NoteShare,
  ): Promise<void> {
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const files = await findMediaFiles(this.db, organizationId, ids.slice(from, from + AT_ONCE));
      for (const [index, file] of files.entries()) {
        try {
          await archive.addFile(mediaPath(file), await this.storage.open(file.storageKey));
        } catch (failure) {
          if (!(failure instanceof MediaMissing)) throw failure;
          archive.contents['media missing in storage'] = (archive.contents['media missing in storage'] ?? 0) + 1;
        }
        note((from + index + 1) / ids.length);
      }
    }
  }
}

function mediaIdOf(holder: unknown): string | undefined {
  const content = (holder as { content?: { media?: { mediaId?: string | null } } }).content;
  return content?.media?.mediaId ?? undefined;
}

import { stringify } from 'csv-stringify/sync';
import type { MessageContent, OrganizationId } from '#contracts';
import { type Database, findConversation, listConversationMessages } from '#database';
import { recordsOf } from '../messaging/message-history.js';
import { bodyOf, type MessageRecord, messageView } from '../messaging/message-view.js';
import { searchedText } from '../search/message-snippet.js';
import { mediaPath } from './media-path.js';

const AT_ONCE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** The messages of a conversation that are still shown, oldest first, in pages; null when there is no such conversation, or it was deleted. */
export async function conversationPages(
  db: Database,
  organizationId: OrganizationId,
  conversationId: string,
): Promise<AsyncGenerator<MessageRecord[]> | null> {
  const isThere = await db.organization(organizationId, (tx) => findConversation(tx, organizationId, conversationId));
  return isThere && pages(db, organizationId, conversationId);
}

async function* pages(db: Database, organizationId: OrganizationId, conversationId: string) {
  for (let after: string | null = FIRST_ID; after !== null; ) {
    const asked = { after, filter: {}, limit: AT_ONCE };
    const page: MessageRecord[] = await db.organization(organizationId, async (tx) =>
      recordsOf(tx, await listConversationMessages(tx, organizationId, conversationId, asked)),
    );
    if (page.length > 0) yield page;
    after = page.length < AT_ONCE ? null : page.at(-1)!.id;
  }
}

export interface TranscriptOptions {
  /** Files are in the archive beside the text. */
  media: boolean;
  /** Called for each message that is written. */
  each(record: MessageRecord): void;
}

const writers = { txt: asText, ndjson: asJson, csv: asRow };

/** A conversation as a text, message by message. */
export async function* transcript(
  format: keyof typeof writers,
  of: AsyncIterable<MessageRecord[]>,
  { media, each }: TranscriptOptions,
): AsyncGenerator<string> {
  if (format === 'csv') yield `\ufeff${row([...columns])}`;
  for await (const records of of) {
    for (const record of records) {
      each(record);
      yield writers[format](record, media);
    }
  }
}

/** As WhatsApp's own export has it, with times in UTC. */
function asText(record: MessageRecord, media: boolean): string {
  const at = record.sentAt.toISOString().replace('T', ', ').slice(0, 20);
  return `[${at}] ${writerOf(record).replaceAll(/\s+/g, ' ')}: ${wordsOf(record, media)}\n`;
}

function wordsOf(record: MessageRecord, media: boolean): string {
  if (record.revokedAt) return 'This message was deleted.';
  const file = fileOf(record);
  const attached = file && (media ? `<attached: ${file}>` : '<media omitted>');
  const body = bodyOf(record.content) ?? (attached ? null : formOf(record.content));
  const edited = record.editedAt ? '<edited>' : null;
  // A line of its own never begins like a message.
  return [attached, body?.replaceAll('\n', '\n  '), edited].filter((part) => part).join(' ');
}

/** What has no text: a poll, a place, a card. */
function formOf(content: MessageContent): string {
  const words = searchedText(content);
  return words === '' ? `<${content.kind}>` : `<${content.kind}: ${words}>`;
}

function asJson(record: MessageRecord, media: boolean): string {
  return `${JSON.stringify({ ...messageView(record), file: media ? fileOf(record) : null })}\n`;
}

const columns = [
  'sentAt',
  'direction',
  'from',
  'fromPhone',
  'type',
  'text',
  'file',
  'status',
  'id',
  'waMessageId',
] as const;

function asRow(record: MessageRecord, media: boolean): string {
  const isDeleted = record.revokedAt !== null;
  return row([
    ...[record.sentAt.toISOString(), record.direction, writerOf(record), record.author?.phone ?? ''],
    ...[
      record.content.kind,
      isDeleted ? '' : (bodyOf(record.content) ?? searchedText(record.content)),
      (media && fileOf(record)) || '',
    ],
    ...[isDeleted ? 'deleted' : record.state, record.id, record.waMessageId],
  ]);
}

/** A cell that begins like a formula is written as text: strangers chose most of them. */
const row = (cells: string[]): string => stringify([cells], { escape_formulas: true });

function writerOf({ direction, author, chat }: MessageRecord): string {
  if (direction === 'outgoing') return 'Me';
  return author?.name ?? (author?.phone ? `+${author.phone}` : (author?.lid ?? chat.name ?? chat.id));
}

function fileOf({ content, revokedAt }: MessageRecord): string | null {
  if (!('media' in content) || content.media.mediaId === null || revokedAt) return null;
  return mediaPath({ id: content.media.mediaId, mimeType: content.media.mimeType });
}

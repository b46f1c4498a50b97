import {
  type Actor,
  type ConversationId,
  errors,
  type MessageContent,
  type MessageId,
  type ProfileId,
} from '#contracts';
import {
  type Database,
  findConversation,
  findMessages,
  hasSearchableWords,
  listProfileIds,
  type MessageSearch,
  searchMessages,
  type Tx,
} from '#database';
import { recordsOf } from '../messaging/message-history.js';
import type { MessageRecord } from '../messaging/message-view.js';
import { type Snippet, snippetOf } from './message-snippet.js';
import { invalid, parseQuestion } from './search-question.js';
import { senderOf } from './sender.js';

/** Words, and what besides them has to fit. */
export interface MessageQuestion {
  q: string;
  /** Absent: all that the actor sees. */
  profileIds?: ProfileId[];
  conversationId?: ConversationId;
  direction?: 'incoming' | 'outgoing';
  kinds?: MessageContent['kind'][];
  /** `me`, the id of a person, or an address: digits of a number, or a JID. */
  sender?: string;
  hasMedia?: boolean;
  labelId?: string;
  from?: Date;
  until?: Date;
  before?: MessageId;
  limit: number;
}

export interface FoundMessage {
  message: MessageRecord;
  snippet: Snippet;
}

/** SQLSTATE of a statement that reached its time limit. */
const QUERY_CANCELED = '57014';

/** Finds messages by their words. */
export class MessageSearcher {
  constructor(private readonly db: Database) {}

  /**
   * Newest first. What was deleted for everyone, deleted or cleared from the own devices, or erased is not found; what
   * was edited is found by its new words.
   * @throws validation, notFound (profile, conversation), searchTooSlow
   */
  async search(actor: Actor, question: MessageQuestion): Promise<FoundMessage[]> {
    const words = parseQuestion(question.q);
    try {
      return await this.db.tenant(actor, async (tx) => {
        if (!(await hasSearchableWords(tx, words.terms))) throw invalid('must contain a letter or a digit');
        const where = await this.where(tx, actor, question);
        if (where === null) return [];
        const ids = await searchMessages(tx, actor.organizationId, { ...words, ...where });
        const byId = new Map((await findMessages(tx, actor.organizationId, ids)).map((row) => [row.id, row]));
        const rows = ids.flatMap((id) => byId.get(id) ?? []);
        const records = await recordsOf(tx, rows);
        return records.map((message) => ({ message, snippet: snippetOf(message.content, words) }));
      });
    } catch (failure) {
      if ((failure as { code?: string }).code === QUERY_CANCELED) throw errors.searchTooSlow({ cause: failure });
      throw failure;
    }
  }

  /** Null when nothing can be there. */
  private async where(
    tx: Tx,
    actor: Actor,
    question: MessageQuestion,
  ): Promise<Omit<MessageSearch, 'terms' | 'lastIsPrefix'> | null> {
    const { organizationId } = actor;
    const { q: _, profileIds: asked, conversationId, sender, ...filters } = question;
    const conversation = conversationId && (await findConversation(tx, organizationId, conversationId));
    if (conversationId && !conversation) {
      throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
    }
    const seen = await listProfileIds(tx, organizationId, asked);
    const missing = asked?.find((id) => !seen.includes(id));
    if (missing) throw errors.notFound({ message: 'There is no such profile.', details: { profileId: missing } });
    const profileIds = conversation ? seen.filter((id) => id === conversation.profileId) : seen;
    if (profileIds.length === 0) return null;
    const by = sender === undefined ? undefined : await senderOf(tx, organizationId, sender);
    return by === null ? null : { ...filters, profileIds, conversationId, sender: by };
  }
}

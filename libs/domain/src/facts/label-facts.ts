import type { NewEvent } from '#contracts';
import { markLabels, saveLabels } from '#database';
import type { FactHandler, FactHandlers } from './fact-recorder.js';
import { isNews, lastWords, placeChats, shownChats } from './place-chats.js';

const actor = { kind: 'whatsapp' } as const;

const changed: FactHandler<'label_changed'> = async (tx, { lease }, facts) => {
  const { organizationId, profileId } = lease;
  const labels = lastWords(facts, ({ labelId }) => labelId);
  const rows = await saveLabels(
    tx,
    lease,
    labels.map(({ labelId, name, color, deleted }) => ({ waId: labelId, name, color, isDeleted: deleted })),
  );
  const news = new Set(labels.filter(isNews).map(({ labelId }) => labelId));
  return rows.flatMap(({ labelId, waId, name, color, isDeleted, isNew }): NewEvent[] => {
    // One that nobody knew is not missed.
    if ((isDeleted && isNew) || !news.has(waId)) return [];
    const name_ = isDeleted ? 'label.deleted' : isNew ? 'label.created' : 'label.updated';
    const payload = { labelId, waLabelId: waId, name, color };
    return [{ organizationId, profileId, name: name_, actor, payload }];
  });
};

const set: FactHandler<'label_set'> = async (tx, owned, facts) => {
  const { organizationId, profileId } = owned.lease;
  const { placed, events } = await placeChats(tx, owned, facts, {
    chat: (fact) => fact.on.chat,
    makes: (fact) => fact.set,
  });
  const marks = lastWords(
    placed.map(({ fact, conversationId }) => ({
      waId: fact.labelId,
      conversationId,
      waMessageId: fact.on.target?.waMessageId ?? '',
      set: fact.set,
      at: fact.at,
      source: fact.source,
    })),
    keyOf,
  );
  const rows = await markLabels(tx, owned.lease, marks);
  const times = new Map(marks.filter(isNews).map((mark) => [keyOf(mark), mark.at]));
  const news = rows.filter((row) => times.has(keyOf(row)));
  if (news.length === 0) return events;
  const shown = await shownChats(tx, [...new Set(news.map(({ conversationId }) => conversationId))]);
  const told = news.map(
    (row): NewEvent => ({
      organizationId,
      profileId,
      conversationId: row.conversationId,
      name: row.set ? 'label.attached' : 'label.detached',
      actor,
      payload: {
        labelId: row.labelId,
        name: row.name,
        conversationId: row.conversationId,
        chat: shown(row.conversationId).chat,
        waMessageId: row.waMessageId || null,
        at: times.get(keyOf(row))!.toISOString(),
      },
    }),
  );
  return [...events, ...told];
};

const keyOf = (mark: { waId: string; conversationId: string; waMessageId: string }): string =>
  [mark.waId, mark.conversationId, mark.waMessageId].join(' ');

/** Labels of WhatsApp Business and what they are on. */
export const labelFactHandlers: FactHandlers = { label_changed: changed, label_set: set };

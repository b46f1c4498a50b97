import type { AnswerTally, EventActor, MessageAction, MessageContent, NewEvent } from '#contracts';
import {
  type ActionTarget,
  type AnswerCount,
  type Chat,
  countAnswers,
  type EditRow,
  findNonAdmins,
  insertEdits,
  putAnswers,
  readChats,
  readParties,
  type Tx,
  updateTargets,
} from '#database';
import { chatShown } from './chat-shown.js';
import { bodyOf } from './message-view.js';

/** Something that was done to a message that is here. */
export interface KnownAction {
  target: ActionTarget;
  /** Done by this account, here or on the phone. */
  byUs: boolean;
  /** Who did it otherwise; null for newsletters, which do not tell. */
  actorPersonId: string | null;
  action: MessageAction;
  /** WhatsApp's id of the action. */
  waMessageId: string;
  at: Date;
}

/** A change that is to be told. */
type Told = KnownAction & { payload: Record<string, unknown>; name: NewEvent['name'] };

const actor: EventActor = { kind: 'whatsapp' };

/**
 * Does to messages what was done to them, and answers with the events of what really changed. What a phone would not show
 * is not stored either: only the author edits, and only the author or an admin of the group deletes.
 */
export async function applyActions(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  actions: KnownAction[],
): Promise<NewEvent[]> {
  if (actions.length === 0) return [];
  const chats = await readChats(tx, owner.profileId, [
    ...new Set(actions.map((action) => action.target.conversationId)),
  ]);
  const allowed = await withoutForeignRevokes(tx, actions, chats);
  const told = [...(await answer(tx, owner, allowed)), ...(await change(tx, owner, allowed))];
  return tell(tx, owner, actions, told, chats);
}

/** Leaves out deletions of others' messages by whoever may not do that. */
async function withoutForeignRevokes(tx: Tx, actions: KnownAction[], chats: Map<string, Chat>): Promise<KnownAction[]> {
  const foreign = actions.filter((action) => action.action.kind === 'revoke' && !isAuthor(action));
  if (foreign.length === 0) return actions;
  const inGroups = foreign.filter(({ target }) => chats.get(target.conversationId)!.kind === 'group');
  const actors = inGroups.flatMap(({ target: { conversationId }, actorPersonId }) =>
    actorPersonId === null ? [] : { conversationId, personId: actorPersonId },
  );
  const members = actors.length === 0 ? [] : await findNonAdmins(tx, actors);
  const isMember = ({ target, actorPersonId }: KnownAction) =>
    members.some((member) => member.conversationId === target.conversationId && member.personId === actorPersonId);
  return actions.filter((action) => !foreign.includes(action) || (inGroups.includes(action) && !isMember(action)));
}

/** Reactions, votes, answers to invitations: the newest of each person counts. */
async function answer(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  actions: KnownAction[],
): Promise<Told[]> {
  const newest = new Map<string, KnownAction>();
  for (const action of actions) {
    const actorId = actorIdOf(action, owner.profileId);
    if (!isAnswer(action.action) || actorId === null || action.target.revokedAt !== null) continue;
    const key = `${action.target.messageId} ${action.action.kind} ${actorId}`;
    if ((newest.get(key)?.at ?? action.at) <= action.at) newest.set(key, action);
  }
  if (newest.size === 0) return [];
  const rows = [...newest.values()].map((action) => ({
    messageId: action.target.messageId,
    actorId: actorIdOf(action, owner.profileId)!,
    answer: action.action,
    waMessageId: action.waMessageId,
    at: action.at,
  }));
  const put = await putAnswers(tx, owner, rows);
  const changed = put.flatMap(({ messageId, kind, actorId, previous }) => {
    const action = newest.get(`${messageId} ${kind} ${actorId}`)!;
    return saysTheSame(action.action, previous) ? [] : { ...action, previous };
  });
  const tallied = changed.filter(({ action }) => action.kind !== 'reaction').map(({ target }) => target.messageId);
  const counts = await countAnswers(tx, [...new Set(tallied)], ['poll_vote', 'event_response']);
  return changed.map(({ previous, ...action }) => ({ ...action, ...answerTold(action, previous, counts) }));
}

function answerTold({ action, target }: KnownAction, previous: MessageAction | null, counts: AnswerCount[]) {
  const tally = counts
    .filter((count) => count.messageId === target.messageId && count.kind === action.kind)
    .map(({ value, count }): AnswerTally => ({ value, count }));
  switch (action.kind) {
    case 'reaction':
      return {
        name: 'message.reacted' as const,
        payload: { emoji: action.emoji, previousEmoji: previous?.kind === 'reaction' ? previous.emoji : null },
      };
    case 'event_response':
      return {
        name: 'event.responded' as const,
        payload: { response: action.response, extraGuests: action.extraGuests ?? 0, tally },
      };
    default:
      return {
        name: 'poll.voted' as const,
        payload: { options: action.kind === 'poll_vote' ? action.options : [], tally },
      };
  }
}

/** Edits, revokes, pins and keeps: one after the other, as several may meet one message. */
async function change(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  actions: KnownAction[],
): Promise<Told[]> {
  const changed = new Map<string, ActionTarget>();
  const edits: EditRow[] = [];
  const told: Told[] = [];
  for (const action of actions) {
    const before = changed.get(action.target.messageId) ?? action.target;
    const step = changeOf(action, before);
    if (!step) continue;
    changed.set(before.messageId, step.after);
    if (step.name === 'message.edited') {
      edits.push({
        messageId: before.messageId,
        waMessageId: action.waMessageId,
        before: bodyOf(before.content),
        at: action.at,
      });
    }
    told.push({ ...action, name: step.name, payload: step.payload });
  }
  if (edits.length > 0) await insertEdits(tx, owner, edits);
  if (changed.size > 0) await updateTargets(tx, [...changed.values()]);
  return told;
}

/** What an action makes of its target, and what is told of it; null when it changes nothing. */
function changeOf(known: KnownAction, target: ActionTarget) {
  const { action, waMessageId, at } = known;
  if (target.revokedAt !== null) return null;
  switch (action.kind) {
    case 'edit': {
      const isStale = target.editIds.includes(waMessageId) || (target.editedAt !== null && at < target.editedAt);
      const content = isAuthor(known) && !isStale ? editedContent(target.content, action) : null;
      if (content === null) return null;
      const after = { ...target, content, editedAt: at, editIds: [...target.editIds, waMessageId] };
      return { after, name: 'message.edited' as const, payload: { content, previousBody: bodyOf(target.content) } };
    }
    case 'revoke': {
      const after = { ...target, revokedAt: at, pinnedUntil: null };
      return { after, name: 'message.revoked' as const, payload: { fromMe: target.fromMe } };
    }
    case 'pin': {
      const pinnedUntil = action.seconds === null ? null : new Date(at.getTime() + action.seconds * 1000);
      if (pinnedUntil?.getTime() === target.pinnedUntil?.getTime()) return null;
      const payload = { pinnedUntil: pinnedUntil?.toISOString() ?? null };
      return { after: { ...target, pinnedUntil }, name: 'message.pinned' as const, payload };
    }
    case 'keep': {
      if (action.kept === target.isKept) return null;
      const after = { ...target, isKept: action.kept };
      return { after, name: 'message.kept' as const, payload: { kept: action.kept } };
    }
    default:
      return null;
  }
}

function isAuthor({ target, byUs, actorPersonId }: KnownAction): boolean {
  return byUs ? target.fromMe : !target.fromMe && actorPersonId === target.authorPersonId;
}

/** Null for kinds without words to change. */
function editedContent(
  content: MessageContent,
  { text, mentions }: Extract<MessageAction, { kind: 'edit' }>,
): MessageContent | null {
  const { mentions: _, ...rest } = content;
  const named = mentions ? { mentions } : {};
  switch (rest.kind) {
    case 'text': {
      const { preview: __, ...words } = rest;
      return { ...words, text, ...named };
    }
    case 'image':
    case 'video':
    case 'document':
    case 'live_location':
      return { ...rest, caption: text, ...named };
    default:
      return null;
  }
}

async function tell(
  tx: Tx,
  { organizationId, profileId }: { organizationId: string; profileId: string },
  actions: KnownAction[],
  told: Told[],
  chats: Map<string, Chat>,
): Promise<NewEvent[]> {
  if (told.length === 0) return [];
  const personIds = [...new Set(told.flatMap((each) => each.actorPersonId ?? []))];
  const parties = await readParties(tx, profileId, personIds);
  // Back into the order in which it was done.
  const order = new Map(actions.map((action, index) => [action.waMessageId, index]));
  return told
    .sort((a, b) => order.get(a.waMessageId)! - order.get(b.waMessageId)!)
    .map(({ target, actorPersonId, at, name, payload }) => {
      const { messageId, waMessageId, conversationId } = target;
      const chat = chatShown(chats.get(conversationId)!);
      const by = actorPersonId === null ? null : parties[personIds.indexOf(actorPersonId)]!;
      const done = { messageId, waMessageId, conversationId, chatId: chat.id, chat, by, at: at.toISOString() };
      return { organizationId, profileId, conversationId, name, actor, payload: { ...done, ...payload } } as NewEvent;
    });
}

function actorIdOf({ byUs, actorPersonId }: KnownAction, profileId: string): string | null {
  return byUs ? profileId : actorPersonId;
}

function isAnswer(action: MessageAction): boolean {
  return action.kind === 'reaction' || action.kind === 'poll_vote' || action.kind === 'event_response';
}

/** Taking back what was not there is no change either. */
function saysTheSame(now: MessageAction, before: MessageAction | null): boolean {
  const said = (action: MessageAction | null) => {
    if (action === null) return '';
    if (action.kind === 'reaction') return action.emoji ?? '';
    if (action.kind === 'poll_vote') return action.options.toSorted().join('\n');
    return JSON.stringify(action);
  };
  return said(now) === said(before);
}

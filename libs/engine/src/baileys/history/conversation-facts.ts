import type { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';
import type { AccountFact } from '../../account-fact.js';
import { type Address, parseJid } from '../../address.js';
import { type ChatAddress, parseChatJid } from '../../chat-address.js';
import type { InboundAction, InboundFact } from '../../content.js';
import { mutedForEver } from '../../facts/chat-facts.js';
import { votedOptions } from '../content/actions/poll-vote.js';
import { reactionFrom } from '../content/actions/reaction.js';
import { numberOf, positive } from '../content/values.js';
import { selfOf } from '../envelope.js';
import { translateInfo } from '../inbound-translation.js';
import type { Me } from '../journal.js';

type Time = Parameters<typeof numberOf>[0];

/** How a chat stands on the phone. Only what differs from a new chat is told. */
export function conversationFacts(conversation: proto.IConversation, at: Date): AccountFact[] {
  const chat = parseChatJid(conversation.id);
  if (!chat) return [];
  const { archived, pinned, markedAsUnread, muteEndTime, ephemeralExpiration } = conversation;
  const common = { at, source: 'history', chat } as const;
  const until = mutedUntil(muteEndTime);
  const seconds = positive(ephemeralExpiration);
  const facts: (AccountFact | null)[] = [
    archived ? { type: 'chat_archived', ...common, archived } : null,
    positive(pinned) ? { type: 'chat_pinned', ...common, pinned: true } : null,
    until ? { type: 'chat_muted', ...common, until } : null,
    markedAsUnread ? { type: 'chat_marked', ...common, unread: true } : null,
    seconds ? { type: 'chat_timer_changed', ...common, seconds } : null,
    savedName(conversation, chat, at),
  ];
  return facts.filter((fact) => fact !== null);
}

/** Pairs of phone number and LID that the chat tells. */
export function conversationPair({ id, pnJid, lidJid, accountLid }: proto.IConversation): Address | null {
  const own = parseJid(id);
  const phone = own?.phone ?? parseJid(pnJid)?.phone ?? null;
  const lid = own?.lid ?? parseJid(lidJid)?.lid ?? parseJid(accountLid)?.lid ?? null;
  return own && phone && lid ? { phone, lid } : null;
}

/** A message of the history, with the reactions and votes that phones keep inside it. */
export function historyMessages(info: proto.IWebMessageInfo, me: Me): InboundFact[] {
  const facts = translateInfo(info, me, null).filter(
    (fact): fact is InboundFact => fact.type === 'message' || fact.type === 'action',
  );
  const [message] = facts;
  if (message?.type !== 'message') return facts.map((fact) => ({ ...fact, isHistory: true }));
  const { content, waMessageId, fromMe, author, chat } = message;
  const target = { waMessageId, fromMe, author };
  const done = (key: proto.IMessageKey | null | undefined, ms: Time, action: MessageAction): InboundAction[] => {
    const by = key?.fromMe ? selfOf(me) : senderOf(key, chat);
    if (!key?.id || !by) return [];
    const envelope = { waMessageId: key.id, fromMe: key.fromMe === true, chat, author: by, pushName: null };
    return [
      {
        type: 'action',
        journalId: null,
        ...envelope,
        sentAt: dateOf(ms, message.sentAt),
        target,
        action,
        isHistory: true,
      },
    ];
  };
  const reactions = (info.reactions ?? []).flatMap((each) =>
    done(each.key, each.senderTimestampMs, reactionFrom(each)),
  );
  const votes = (info.pollUpdates ?? []).flatMap(({ pollUpdateMessageKey, vote, senderTimestampMs }) => {
    if (content.kind !== 'poll') return [];
    const options = votedOptions(vote?.selectedOptions ?? [], content.options);
    return done(pollUpdateMessageKey, senderTimestampMs, { kind: 'poll_vote', options });
  });
  return [{ ...message, isHistory: true }, ...reactions, ...votes];
}

/** Who reacted, from the key of the reaction, which is written from our own view. */
function senderOf(key: proto.IMessageKey | null | undefined, chat: ChatAddress): Address | null {
  const named = parseJid(key?.participant);
  if (named) return named;
  return chat.kind === 'user' ? { phone: chat.phone, lid: chat.lid } : null;
}

function savedName({ name }: proto.IConversation, chat: ChatAddress, at: Date): AccountFact | null {
  if (!name || chat.kind !== 'user') return null;
  const person = { phone: chat.phone, lid: chat.lid };
  return { type: 'person_named', at, source: 'history', person, names: { saved: name } };
}

/** Seconds or milliseconds since 1970; -1, which comes as a huge number, means always. */
function mutedUntil(value: Time): Date | null {
  const end = numberOf(value) ?? 0;
  if (end === 0) return null;
  if (end < 0 || end > mutedForEver.getTime()) return mutedForEver;
  return new Date(end > 100_000_000_000 ? end : end * 1000);
}

function dateOf(ms: Parameters<typeof numberOf>[0], otherwise: Date): Date {
  const value = positive(ms);
  if (!value) return otherwise;
  return new Date(value > 100_000_000_000 ? value : value * 1000);
}

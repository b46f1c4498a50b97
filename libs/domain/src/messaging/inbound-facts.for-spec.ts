import type { MessageAction, MessageContent } from '#contracts';
import { type Address, type ChatAddress, groupChat, type InboundAction, type InboundMessage, userChat } from '#engine';

export const ana: Address = { phone: '4915100000001', lid: '900000000001' };
export const ben: Address = { phone: '4915100000002', lid: '900000000002' };
export const neighbours = groupChat('120363041234567890');

/** A message of Ana, in the chat with her or where it is said. */
export function said(waMessageId: string, overrides: Partial<InboundMessage> = {}): InboundMessage {
  const content: MessageContent = { kind: 'text', text: waMessageId };
  return {
    type: 'message',
    journalId: null,
    waMessageId,
    fromMe: false,
    chat: userChat(ana),
    author: ana,
    secret: null,
    pushName: 'Ana',
    sentAt: new Date('2026-05-01T10:00:00Z'),
    content,
    quotedWaMessageId: null,
    download: null,
    ...overrides,
  };
}

let count = 0;

/** What somebody does to a message of Ana. */
export function done(
  action: MessageAction,
  to: string,
  overrides: Partial<InboundAction> & { targetFromMe?: boolean; targetAuthor?: Address } = {},
): InboundAction {
  const { targetFromMe = false, targetAuthor = ana, ...rest } = overrides;
  const chat: ChatAddress = rest.chat ?? userChat(ana);
  return {
    type: 'action',
    journalId: null,
    waMessageId: `ACTION${++count}`,
    fromMe: false,
    author: ana,
    pushName: null,
    sentAt: new Date('2026-05-01T11:00:00Z'),
    target: { waMessageId: to, fromMe: targetFromMe, author: targetFromMe ? null : targetAuthor },
    action,
    ...rest,
    chat,
  };
}

import { type EventName, type EventPayloads, type LoggedEvent, newId } from '#contracts';
import { webhookBody } from './webhook-payload.js';

const profileId = newId<string>();
const conversationId = newId<string>();
const messageId = newId<string>();
const chatId = '628123@s.whatsapp.net';
const message = { messageId, waMessageId: '3EB0AA', conversationId, chatId };
const chat = { kind: 'user' as const, id: '628123@s.whatsapp.net', name: null };
const party = { personId: null, phone: '628123', lid: '77', name: 'Ana' };

function logged<N extends EventName>(name: N, payload: EventPayloads[N]): LoggedEvent {
  return {
    ...{ id: newId(), organizationId: newId(), profileId, conversationId, streamId: profileId, seq: 7 },
    ...{ name, version: 1, actor: { kind: 'whatsapp' }, occurredAt: new Date('2026-01-02T03:04:05Z'), payload },
  } as LoggedEvent;
}

describe('what a webhook is told', () => {
  it('carries the fields of Standard Webhooks and of the older product side by side', () => {
    const event = logged('conversation.read', { conversationId, count: 2 });
    expect(webhookBody(event)).toEqual({
      type: 'conversation.read',
      event: 'conversation.read',
      timestamp: '2026-01-02T03:04:05.000Z',
      profileId,
      data: {
        ...{ profileId, conversationId, count: 2 },
        ...{ chatType: null, contactId: null, personId: null, phone: null, lid: null },
      },
    });
    expect(JSON.stringify(webhookBody(event))).toBe(JSON.stringify(webhookBody(event)));
  });

  it('names both parties of a received message and what it says', () => {
    const content = { kind: 'text' as const, text: 'hello' };
    const sentAt = '2026-01-02T03:04:00.000Z';
    const { data } = webhookBody(
      logged('message.received', { ...message, chat, from: party, content, quotedWaMessageId: 'Q', sentAt }),
    );
    expect(data).toMatchObject({
      ...{ profileId, id: messageId, messageId, waMessageId: '3EB0AA', conversationId, chatId },
      ...{ from: chatId, to: null, fromMe: false, phone: '628123', lid: '77', senderName: 'Ana' },
      ...{ type: 'text', text: 'hello', body: 'hello', hasMedia: false, quotedMessageId: 'Q', timestamp: sentAt },
    });
  });

  it('names the recipient of a message of our own', () => {
    const content = { kind: 'text' as const, text: 'hi' };
    const { data } = webhookBody(
      logged('message.queued', {
        ...message,
        chat,
        to: party,
        content,
        quotedWaMessageId: null,
        batchId: null,
        notBefore: '',
      }),
    );
    expect(data).toMatchObject({
      from: null,
      to: chatId,
      fromMe: true,
      phone: '628123',
      senderName: null,
      status: 'queued',
    });
  });

  it('tells of a change of state with our id and that of WhatsApp', () => {
    const change = { state: 'failed', previousState: 'sending', reason: 'not_on_whatsapp', batchId: null } as const;
    expect(webhookBody(logged('message.failed', { ...message, ...change }))).toMatchObject({
      type: 'message.failed',
      data: {
        ...{ messageId, waMessageId: '3EB0AA', to: chatId, conversationId },
        ...{ status: 'failed', previousStatus: 'sending', error: 'not_on_whatsapp' },
      },
    });
  });

  it('tells of the connection under the names of the older product', () => {
    const changed = logged('connection.changed', {
      ...{ state: 'connected', code: 'connected', sentence: 'Connected to WhatsApp.', userAction: 'none' },
      phoneNumber: '628123',
    });
    expect(webhookBody(changed)).toMatchObject({
      type: 'connection.update',
      data: { status: 'connected', code: 'connected', message: 'Connected to WhatsApp.', phone: '628123' },
    });
    const linked = logged('profile.linked', { phoneNumber: '628123', lid: null, pushName: 'Me' });
    expect(webhookBody(linked)).toMatchObject({ type: 'profile.linked', data: { phone: '628123', pushName: 'Me' } });
  });
});

import { type MessageContent, newId } from '#contracts';
import type { WebhookWorld } from './webhook-world.js';

/** A conversation with a contact who has a tag, in a chat with a label. */
export async function buildChat(world: WebhookWorld, profileId: string, kind: 'user' | 'group' = 'user') {
  const { organizationId } = world.owner;
  const ids = { profileId, conversationId: newId<string>(), personId: newId<string>(), contactId: newId<string>() };
  const phone = String(Math.floor(1e11 + Math.random() * 8e11));
  const { db } = world;
  await db.query('insert into persons (id, organization_id) values ($1, $2)', [ids.personId, organizationId]);
  await db.query(
    `insert into identities (id, organization_id, person_id, kind, value)
     values ($1, $3, $4, 'phone', $5), ($2, $3, $4, 'lid', '77' || $5)`,
    [newId(), newId(), organizationId, ids.personId, phone],
  );
  await db.query('insert into contacts (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
    ...[ids.contactId, organizationId, profileId, ids.personId],
  ]);
  await db.query(
    `insert into conversations (id, organization_id, profile_id, kind, person_id, room_id) values ($1, $2, $3, $4, $5, $6)`,
    [
      ...[ids.conversationId, organizationId, profileId, kind, kind === 'user' ? ids.personId : null],
      kind === 'user' ? null : '120363041234567890',
    ],
  );
  return { ...ids, phone, lid: `77${phone}` };
}
export type BuiltChat = Awaited<ReturnType<typeof buildChat>>;

/** A message of that person comes into the log. */
export async function receiveIn(
  world: WebhookWorld,
  { profileId, conversationId, personId, phone, lid }: BuiltChat,
  more: { text?: string; content?: MessageContent; quoted?: string; group?: true } = {},
): Promise<{ messageId: string; waMessageId: string }> {
  const { text = 'hello', content = { kind: 'text', text }, quoted = null, group } = more;
  const [messageId, waMessageId] = [newId<string>(), newId<string>()];
  const chatId = group ? '120363041234567890@g.us' : `${phone}@s.whatsapp.net`;
  await world.happen(
    profileId,
    'message.received',
    {
      ...{ messageId, waMessageId, conversationId, chatId, content, quotedWaMessageId: quoted },
      chat: { kind: group ? 'group' : 'user', id: chatId, name: group ? 'Team' : null },
      from: { personId, phone, lid, name: 'Ana' },
      sentAt: new Date().toISOString(),
    },
    conversationId,
  );
  return { messageId, waMessageId };
}

import type { MessageContent } from '#contracts';
import type { Address } from '#engine';
import type { Database } from '../database.js';
import { newestIdentitySql } from './quoted-message.js';

/** What the seal of a message's secret is tied to: one that is copied to another row cannot be opened. */
export function messageSecretPlace(profileId: string, waMessageId: string): string {
  return `engine:${profileId}:message-secret:${waMessageId}`;
}

/** The sealed secret of a message with what it says and who wrote it. */
export interface SealedMessageSecret {
  sealed: Buffer;
  author: Address | null;
  content: MessageContent;
}

/**
 * Null when the message is not here, or has no secret. Newsletters have no authors. `offset 0`, so that identities are compared
 * with a column: under row policies an expression over two asks no index.
 */
export async function findMessageSecret(
  db: Database,
  profileId: string,
  target: { waMessageId: string; fromMe: boolean },
): Promise<SealedMessageSecret | null> {
  const [row] = await db.query<SealedMessageSecret>(
    `select m.secret_sealed as sealed, m.content,
            case when k.from_me
              then (select json_build_object('phone', p.phone_number, 'lid', p.lid) from profiles p where p.id = $1)
              when w.person_id is not null
              then json_build_object('phone', ${newestIdentitySql('w.person_id', 'phone')},
                                     'lid', ${newestIdentitySql('w.person_id', 'lid')}) end as author
       from message_keys k
       join messages m on m.id = k.message_id
       join conversations c on c.id = m.conversation_id
      cross join lateral (select coalesce(m.author_person_id, c.person_id) as person_id offset 0) w
      where k.profile_id = $1 and k.wa_message_id = $2 and k.from_me = $3 and m.secret_sealed is not null
      order by k.message_id desc limit 1`,
    [profileId, target.waMessageId, target.fromMe],
    { name: 'store_secret_find' },
  );
  return row ?? null;
}

/**
 * SQL for the message that another one quotes, as the engine needs it, or null. `profile` and `waMessageId` are SQL
 * expressions of the quoting statement; `person` is the other party of a chat of two, the author of what is not ours;
 * in other chats the message itself says who wrote it.
 */
export function quotedMessageSql(of: { profile: string; waMessageId: string; person: string }): string {
  const author = `coalesce(qm.author_person_id, ${of.person})`;
  return `(
    select jsonb_build_object(
             'waMessageId', k.wa_message_id, 'fromMe', k.from_me, 'content', qm.content,
             'author', case when k.from_me
               then (select json_build_object('phone', p.phone_number, 'lid', p.lid) from profiles p where p.id = k.profile_id)
               else json_build_object('phone', ${newestOfExpressionSql(author, 'phone')},
                                      'lid', ${newestOfExpressionSql(author, 'lid')}) end)
           || case when qc.kind = 'status' then '{"isStatus": true}' else '{}' end::jsonb
      from message_keys k join messages qm on qm.id = k.message_id
      join conversations qc on qc.id = qm.conversation_id
     where k.profile_id = ${of.profile} and k.wa_message_id = ${of.waMessageId}
     limit 1)`;
}

/**
 * SQL for the message that an action is done to, as the engine needs it, or null when it is gone. `id` and `person` are
 * SQL expressions as above.
 */
export function targetMessageSql(of: { id: string; person: string }): string {
  const author = `coalesce(tm.author_person_id, ${of.person})`;
  return `(
    select json_build_object(
             'waMessageId', tm.wa_message_id, 'fromMe', tm.direction = 'outgoing', 'content', tm.content,
             'author', case
               when tm.direction = 'outgoing'
               then (select json_build_object('phone', p.phone_number, 'lid', p.lid) from profiles p where p.id = tm.profile_id)
               when ${author} is not null
               then json_build_object('phone', ${newestOfExpressionSql(author, 'phone')},
                                      'lid', ${newestOfExpressionSql(author, 'lid')}) end)
      from messages tm where tm.id = ${of.id})`;
}

/** SQL for a person's newest phone number or LID. `person` is a column. */
export function newestIdentitySql(person: string, kind: 'phone' | 'lid'): string {
  return `(select i.value from identities i where i.person_id = ${person} and i.kind = '${kind}' order by i.id desc limit 1)`;
}

/**
 * The same for a person that an expression over columns gives. It is worked out in a step of its own: under row policies
 * PostgreSQL would read all identities to compare them with the expression.
 */
function newestOfExpressionSql(person: string, kind: 'phone' | 'lid'): string {
  return `(select i.value from (select ${person} as id offset 0) asked join identities i on i.person_id = asked.id
            where i.kind = '${kind}' order by i.id desc limit 1)`;
}

/**
 * SQL for the message that another one quotes, as the engine needs it, or null. `profile` and `waMessageId` are SQL
 * expressions of the quoting statement; `person` is the other party of the chat, the author of what is not ours.
 */
export function quotedMessageSql(of: { profile: string; waMessageId: string; person: string }): string {
  return `(
    select json_build_object(
             'waMessageId', k.wa_message_id, 'fromMe', k.from_me, 'content', qm.content,
             'author', case when k.from_me
               then (select json_build_object('phone', p.phone_number, 'lid', p.lid) from profiles p where p.id = k.profile_id)
               else json_build_object('phone', ${newestIdentitySql(of.person, 'phone')},
                                      'lid', ${newestIdentitySql(of.person, 'lid')}) end)
      from message_keys k join messages qm on qm.id = k.message_id
     where k.profile_id = ${of.profile} and k.wa_message_id = ${of.waMessageId}
     limit 1)`;
}

/** SQL for a person's newest phone number or LID. */
export function newestIdentitySql(person: string, kind: 'phone' | 'lid'): string {
  return `(select i.value from identities i where i.person_id = ${person} and i.kind = '${kind}' order by i.id desc limit 1)`;
}

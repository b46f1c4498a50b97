/** Which messages of a chat or a profile are meant. All of it has to fit. */
export interface MessageFilter {
  kinds?: string[];
  direction?: 'incoming' | 'outgoing';
  /** Delivery states, and `received`. */
  states?: string[];
  /** Who wrote it: a person, or the profile itself. */
  sender?: { personId: string } | 'me';
  hasMedia?: boolean;
  isStarred?: boolean;
  /** On the message, or on its conversation. */
  labelId?: string;
  from?: Date;
  until?: Date;
}

/** SQL for whether a message `m` in a conversation `c` fits. Takes nine parameters, the first of them `$<first>`. */
export function filterSql(first: number): string {
  const $ = (nth: number) => `$${first + nth}`;
  return `(${$(0)}::text[] is null or m.kind = any(${$(0)})) and (${$(1)}::text is null or m.direction = ${$(1)})
    and (${$(2)}::text[] is null or m.state = any(${$(2)}))
    and (${$(3)}::uuid is null or (m.direction = 'incoming' and coalesce(m.author_person_id, c.person_id) = ${$(3)}))
    and (${$(4)}::boolean is null or (m.content ? 'media') = ${$(4)})
    and (${$(5)}::boolean is null or m.is_starred = ${$(5)})
    and (${$(6)}::uuid is null or exists (select from label_links l where l.label_id = ${$(6)}
           and l.conversation_id = m.conversation_id and l.wa_message_id in ('', m.wa_message_id)))
    and (${$(7)}::timestamptz is null or m.sent_at >= ${$(7)}) and (${$(8)}::timestamptz is null or m.sent_at < ${$(8)})`;
}

export function filterValues({ sender, ...filter }: MessageFilter): unknown[] {
  const isOurs = sender === 'me';
  return [
    // What came in was not written here.
    isOurs && filter.direction === 'incoming' ? [] : (filter.kinds ?? null),
    filter.direction ?? (isOurs ? 'outgoing' : null),
    filter.states ?? null,
    sender === undefined || isOurs ? null : sender.personId,
    filter.hasMedia ?? null,
    filter.isStarred ?? null,
    filter.labelId ?? null,
    filter.from ?? null,
    filter.until ?? null,
  ];
}

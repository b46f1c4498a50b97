/**
 * Where contents name files: `media` of most kinds, and the cards of a carousel; and uploads name theirs. The one place
 * that knows; who removes files asks here whether somebody names them.
 */
const ofCards = '$.cards[*].media.media.mediaId';

/** SQL for the array of media ids that a message names. `message` is the alias of its row. */
export function mediaIdsSql(message: string): string {
  return `(select coalesce(array_agg(n.id), '{}') from (
    select ${message}.media_id::text as id
    union all
    select jsonb_array_elements_text(jsonb_path_query_array(${message}.content, '${ofCards}')) where ${message}.kind = 'carousel'
  ) n where n.id is not null)`;
}

/**
 * SQL for the places in storage of the files that a message names, as a JSON object by media id; null without any. One in
 * which the scanner found something is as good as not there.
 */
export function filesSql(message: string): string {
  return `(select json_object_agg(f.id, f.storage_key) from media_objects f
            where f.id = any(${mediaIdsSql(message)}::uuid[]) and f.scan is distinct from 'infected')`;
}

/** SQL for whether an upload, a message, or one that is scheduled names the file of this row. All but the last have an index. */
export function isNamedSql(file: string): string {
  const names = (table: string) => `exists (select 1 from ${table} m
                    where m.media_id = ${file}.id)`;
  return `(exists (select 1 from uploads u where u.media_id = ${file}.id)
           or ${names('messages')} or ${names('scheduled_messages')}
           or exists (select 1 from messages m
                       where m.kind = 'carousel'
                         and jsonb_path_query_array(m.content, '${ofCards}') @> to_jsonb(${file}.id::text))
           or exists (select 1 from broadcasts b where ${file}.id = any(b.media_ids))
           or exists (select 1 from scheduled_messages m
                       where m.organization_id = ${file}.organization_id and m.type = 'carousel'
                         and jsonb_path_query_array(m.content, '${ofCards}') @> to_jsonb(${file}.id::text)))`;
}

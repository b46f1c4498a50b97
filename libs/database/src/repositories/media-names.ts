/**
 * Where contents name files: `media` of most kinds, and the cards of a carousel. The one place that knows; who removes
 * files asks here whether somebody names them.
 */
const ofCards = '$.cards[*].media.media.mediaId';

/** SQL for the array of media ids that a message names. `message` is the alias of its row. */
export function mediaIdsSql(message: string): string {
  return `(select coalesce(array_agg(n.id), '{}') from (
    select ${message}.content #>> '{media,mediaId}' as id
    union all
    select jsonb_array_elements_text(jsonb_path_query_array(${message}.content, '${ofCards}')) where ${message}.kind = 'carousel'
  ) n where n.id is not null)`;
}

/** SQL for the places in storage of the files that a message names, as a JSON object by media id; null without any. */
export function filesSql(message: string): string {
  return `(select json_object_agg(f.id, f.storage_key) from media_objects f
            where f.id = any(${mediaIdsSql(message)}::uuid[]))`;
}

/** SQL for whether some message names the file of this row. Both ways have an index. */
export function isNamedSql(file: string): string {
  return `(exists (select 1 from messages m
                    where (m.content #>> '{media,mediaId}') = ${file}.id::text
                      and (m.content #>> '{media,mediaId}') is not null)
           or exists (select 1 from messages m
                       where m.kind = 'carousel'
                         and jsonb_path_query_array(m.content, '${ofCards}') @> to_jsonb(${file}.id::text)))`;
}

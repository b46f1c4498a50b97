-- The words of a message cost a part of what they did. PostgreSQL sets up an executor for each call of a function in SQL
-- that it cannot put in its caller's place, and it could do so with none of these three; expressions of plpgsql it only
-- evaluates. What they answer is the same, letter for letter.
CREATE OR REPLACE FUNCTION "waypost_folded"("said" text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF said ~ '[^\x01-\x7f]' THEN
    RETURN regexp_replace(regexp_replace(
      normalize(regexp_replace(normalize(said, NFKD),
        '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670]+', '', 'g'), NFKC),
      '([\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])', ' \1 ', 'g'),
      '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3020\ufe00-\ufe6f\U0001f000-\U0001ffff]+', ' ', 'g');
  END IF;
  RETURN regexp_replace(said, '[^a-zA-Z0-9]+', ' ', 'g');
END $$;

CREATE OR REPLACE FUNCTION "waypost_words"("content" jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  nested text;
BEGIN
  -- Words deeper down, of the kinds that have some.
  IF content ?| '{options,contacts,place,buttons,sections,cards}'::text[] THEN
    SELECT string_agg(word #>> '{}', ' ') INTO nested FROM (
      SELECT jsonb_path_query(content, '$.options[*]') UNION ALL
      SELECT jsonb_path_query(content - '{text,name,title,description}'::text[],
        'strict $.** ? (@.type() == "object").keyvalue() ? (@.key == "title" || @.key == "name" || @.key == "text"
           || @.key == "description" || @.key == "address" || @.key == "header" || @.key == "footer").value
           ? (@.type() == "string")')) AS deeper (word);
  END IF;
  RETURN left(concat_ws(' ', content ->> 'text', content ->> 'caption', content #>> '{media,fileName}',
    content ->> 'question', content ->> 'name', content ->> 'address', content ->> 'description', content ->> 'title',
    content ->> 'groupName', nested), 32768);
END $$;

CREATE OR REPLACE FUNCTION "waypost_search_words"("organization_id" uuid, "profile_id" uuid, "conversation_id" uuid,
  "author_person_id" uuid, "kind" text, "direction" text, "content" jsonb)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  said tsvector := to_tsvector('simple', waypost_folded(waypost_words(content)));
BEGIN
  IF said <> '' THEN
    RETURN said || array_to_tsvector(array_remove(ARRAY[
      '=o' || right(organization_id::text, 12), '=p' || right(profile_id::text, 12),
      '=c' || right(conversation_id::text, 12), '=a' || right(author_person_id::text, 12),
      '=' || kind, '=' || direction, CASE WHEN content ? 'media' THEN '=media' END], NULL));
  END IF;
  RETURN NULL;
END $$;

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "assigned_user_id" UUID,
ADD COLUMN     "reopens" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "snoozed_until" TIMESTAMPTZ(3),
ADD COLUMN     "status" TEXT NOT NULL DEFAULT 'open',
ADD COLUMN     "status_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "data_exports" ADD COLUMN     "conversation_id" UUID,
ADD COLUMN     "options" JSONB;

-- AlterTable
ALTER TABLE "groups" ADD COLUMN     "picture_id" TEXT;

-- AlterTable
ALTER TABLE "labels" ALTER COLUMN "wa_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "conversation_assignments" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "user_id" UUID,
    "assigned_by" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_assignments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversation_notes" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "author_user_id" UUID,
    "text" TEXT NOT NULL,
    "mentions" UUID[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "edited_at" TIMESTAMPTZ(3),

    CONSTRAINT "conversation_notes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message_search" (
    "message_id" UUID NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "message_search_pkey" PRIMARY KEY ("message_id")
) PARTITION BY RANGE ("message_id");

-- CreateIndex
CREATE INDEX "conversation_assignments_conversation_id_id_idx" ON "conversation_assignments"("conversation_id", "id");

-- CreateIndex
CREATE INDEX "conversation_assignments_user_id_idx" ON "conversation_assignments"("user_id");

-- CreateIndex
CREATE INDEX "conversation_assignments_assigned_by_idx" ON "conversation_assignments"("assigned_by");

-- CreateIndex
CREATE INDEX "conversation_notes_conversation_id_id_idx" ON "conversation_notes"("conversation_id", "id");

-- CreateIndex
CREATE INDEX "conversation_notes_author_user_id_idx" ON "conversation_notes"("author_user_id");

-- CreateIndex
CREATE INDEX "message_search_words_idx" ON "message_search" USING GIN ("words")
  -- What is not sorted in yet is read through by every search: it stays short.
  WITH (gin_pending_list_limit = 512);

-- CreateIndex
CREATE INDEX "conversations_assigned_user_id_idx" ON "conversations"("assigned_user_id");

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_assigned_user_id_fkey" FOREIGN KEY ("assigned_user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_assignments" ADD CONSTRAINT "conversation_assignments_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_assignments" ADD CONSTRAINT "conversation_assignments_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_assignments" ADD CONSTRAINT "conversation_assignments_assigned_by_fkey" FOREIGN KEY ("assigned_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_notes" ADD CONSTRAINT "conversation_notes_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_notes" ADD CONSTRAINT "conversation_notes_author_user_id_fkey" FOREIGN KEY ("author_user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "conversations" ADD CONSTRAINT "conversations_status" CHECK ("status" IN ('open', 'snoozed', 'closed'));
-- Those that open by themselves.
CREATE INDEX "conversations_snoozed" ON "conversations" ("snoozed_until") WHERE "status" = 'snoozed';
-- WhatsApp lets two labels have one name; here it would only confuse.
CREATE UNIQUE INDEX "labels_own_name" ON "labels" ("profile_id", lower("name")) WHERE "wa_id" IS NULL AND NOT "is_deleted";

SELECT "waypost_protect"('conversation_assignments');
SELECT "waypost_protect"('conversation_notes');
SELECT "waypost_limit"('conversation_assignments');
SELECT "waypost_limit"('conversation_notes');
-- Copies of one's own data and of contacts are of no place; one of a conversation is where that is.
SELECT "waypost_limit"('data_exports',
  'conversation_id IS NULL OR EXISTS (SELECT FROM conversations seen WHERE seen.id = data_exports.conversation_id)');

-- Search. message_search is under no policy: PostgreSQL uses no index of words on a table that has one, because the
-- operators of words are not leakproof. What is found in it is an id, and what that names is read under the policies of
-- messages (docs/adr/0014).

-- Words for comparing: without accents and marks, one character a word where writing has no spaces, nothing but letters
-- and digits. Questions and messages go through it alike. (to_tsvector makes them small.)
CREATE FUNCTION "waypost_folded"("said" text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN said ~ '[^\x01-\x7f]' THEN
    regexp_replace(regexp_replace(
      normalize(regexp_replace(normalize(said, NFKD),
        '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670]+', '', 'g'), NFKC),
      '([\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])', ' \1 ', 'g'),
      '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3020\ufe00-\ufe6f\U0001f000-\U0001ffff]+', ' ', 'g')
  ELSE regexp_replace(said, '[^a-zA-Z0-9]+', ' ', 'g') END
$$;

-- What of a message is searched: its words, of whatever kind it is.
CREATE FUNCTION "waypost_words"("content" jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT left(concat_ws(' ', content ->> 'text', content ->> 'caption', content #>> '{media,fileName}',
    content ->> 'question', content ->> 'name', content ->> 'address', content ->> 'description', content ->> 'title',
    content ->> 'groupName',
    -- Words deeper down, of the kinds that have some.
    CASE WHEN content ?| '{options,contacts,place,buttons,sections,cards}'::text[] THEN
      (SELECT string_agg(word #>> '{}', ' ') FROM (
         SELECT jsonb_path_query(content, '$.options[*]') UNION ALL
         SELECT jsonb_path_query(content - '{text,name,title,description}'::text[],
           'strict $.** ? (@.type() == "object").keyvalue() ? (@.key == "title" || @.key == "name" || @.key == "text"
              || @.key == "description" || @.key == "address" || @.key == "header" || @.key == "footer").value
              ? (@.type() == "string")')) AS deeper (word))
    END), 32768)
$$;

-- Words of a message, and marks of where it is and what it is, so that a question of one conversation costs what the
-- conversation has. A mark may be shared by two things in 280 billion: whoever asks compares the ids as well.
CREATE FUNCTION "waypost_search_words"("organization_id" uuid, "profile_id" uuid, "conversation_id" uuid,
  "author_person_id" uuid, "kind" text, "direction" text, "content" jsonb)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN said <> '' THEN said || array_to_tsvector(array_remove(ARRAY[
      '=o' || right(organization_id::text, 12), '=p' || right(profile_id::text, 12),
      '=c' || right(conversation_id::text, 12), '=a' || right(author_person_id::text, 12),
      '=' || kind, '=' || direction, CASE WHEN content ? 'media' THEN '=media' END], NULL)) END
    FROM to_tsvector('simple', waypost_folded(waypost_words(content))) AS said
$$;

-- Whoever writes a message writes its words, in the same transaction.
CREATE FUNCTION "waypost_search_add"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO message_search (message_id, words)
  SELECT id, words
    FROM added CROSS JOIN LATERAL waypost_search_words(organization_id, profile_id, conversation_id, author_person_id,
                                                       kind, direction, content) AS words
   WHERE target_message_id IS NULL AND revoked_at IS NULL AND deleted_for_me_at IS NULL AND words IS NOT NULL;
  RETURN NULL;
END $$;
CREATE FUNCTION "waypost_search_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_search WHERE message_id = NEW.id;
  IF NEW.target_message_id IS NULL AND NEW.revoked_at IS NULL AND NEW.deleted_for_me_at IS NULL THEN
    INSERT INTO message_search (message_id, words)
    SELECT NEW.id, words
      FROM waypost_search_words(NEW.organization_id, NEW.profile_id, NEW.conversation_id, NEW.author_person_id, NEW.kind,
                                NEW.direction, NEW.content) AS words
     WHERE words IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION "waypost_search_remove"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_search WHERE message_id IN (SELECT id FROM removed);
  RETURN NULL;
END $$;
CREATE TRIGGER "search_add" AFTER INSERT ON "messages" REFERENCING NEW TABLE AS "added"
  FOR EACH STATEMENT EXECUTE FUNCTION "waypost_search_add"();
CREATE TRIGGER "search_change"
  AFTER UPDATE OF "content", "kind", "conversation_id", "author_person_id", "revoked_at", "deleted_for_me_at" ON "messages"
  FOR EACH ROW
  WHEN ((OLD.content, OLD.kind, OLD.conversation_id, OLD.author_person_id, OLD.revoked_at, OLD.deleted_for_me_at)
        IS DISTINCT FROM
        (NEW.content, NEW.kind, NEW.conversation_id, NEW.author_person_id, NEW.revoked_at, NEW.deleted_for_me_at))
  EXECUTE FUNCTION "waypost_search_change"();
CREATE TRIGGER "search_remove" AFTER DELETE ON "messages" REFERENCING OLD TABLE AS "removed"
  FOR EACH STATEMENT EXECUTE FUNCTION "waypost_search_remove"();

-- What is here already, partition by partition.
DO $$
DECLARE
  part record;
BEGIN
  PERFORM set_config('waypost.scope', 'system', true);
  FOR part IN
    SELECT child.relname AS name, pg_get_expr(child.relpartbound, child.oid) AS bound
      FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
     WHERE inhparent = 'messages'::regclass
  LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF message_search %s', replace(part.name, 'messages', 'message_search'), part.bound);
  END LOOP;
  INSERT INTO message_search (message_id, words)
  SELECT m.id, words
    FROM messages m
   CROSS JOIN LATERAL waypost_search_words(m.organization_id, m.profile_id, m.conversation_id, m.author_person_id,
                                           m.kind, m.direction, m.content) AS words
   WHERE m.target_message_id IS NULL AND m.revoked_at IS NULL AND m.deleted_for_me_at IS NULL AND words IS NOT NULL;
END $$;

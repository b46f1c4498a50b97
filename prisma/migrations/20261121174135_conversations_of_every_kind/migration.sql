-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "cleared_at" TIMESTAMPTZ(3),
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "disappears_in_seconds" INTEGER,
ADD COLUMN     "is_archived" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_marked_unread" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "muted_until" TIMESTAMPTZ(3),
ADD COLUMN     "name" TEXT,
ADD COLUMN     "pinned_at" TIMESTAMPTZ(3),
ADD COLUMN     "room_id" TEXT,
ALTER COLUMN "person_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "author_person_id" UUID,
ADD COLUMN     "deleted_for_me_at" TIMESTAMPTZ(3),
ADD COLUMN     "edited_at" TIMESTAMPTZ(3),
ADD COLUMN     "is_kept" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_starred" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "pinned_until" TIMESTAMPTZ(3),
ADD COLUMN     "revoked_at" TIMESTAMPTZ(3),
ADD COLUMN     "secret_sealed" BYTEA,
ADD COLUMN     "target_message_id" UUID;

-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "audience" JSONB;

-- CreateTable
CREATE TABLE "message_answers" (
    "message_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "actor_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "answer" JSONB NOT NULL,
    "wa_message_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_answers_pkey" PRIMARY KEY ("message_id","kind","actor_id")
);

-- CreateTable
CREATE TABLE "message_edits" (
    "message_id" UUID NOT NULL,
    "wa_message_id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "before" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_edits_pkey" PRIMARY KEY ("message_id","wa_message_id")
);

-- CreateTable
CREATE TABLE "message_receipts" (
    "message_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "delivered_at" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "played_at" TIMESTAMPTZ(3),

    CONSTRAINT "message_receipts_pkey" PRIMARY KEY ("message_id","person_id")
) PARTITION BY RANGE ("message_id");

-- CreateTable
CREATE TABLE "waiting_actions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "target_wa_message_id" TEXT NOT NULL,
    "wa_message_id" TEXT NOT NULL,
    "fact" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "waiting_actions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "message_answers_actor_id_idx" ON "message_answers"("actor_id");

-- CreateIndex
CREATE INDEX "message_receipts_person_id_idx" ON "message_receipts"("person_id");

-- CreateIndex
CREATE INDEX "waiting_actions_expires_at_idx" ON "waiting_actions"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "waiting_actions_profile_id_target_wa_message_id_wa_message__key" ON "waiting_actions"("profile_id", "target_wa_message_id", "wa_message_id");

-- CreateIndex
CREATE UNIQUE INDEX "conversations_profile_id_kind_room_id_key" ON "conversations"("profile_id", "kind", "room_id");

-- A chat of two is with a person, every other one has an id of its own.
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_kind_check"
  CHECK ("kind" IN ('user', 'group', 'newsletter', 'broadcast', 'status'));
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_with_check"
  CHECK (("kind" = 'user') = ("person_id" IS NOT NULL) AND ("kind" = 'user') = ("room_id" IS NULL));
ALTER TABLE "message_answers" ADD CONSTRAINT "message_answers_kind_check"
  CHECK ("kind" IN ('reaction', 'poll_vote', 'event_response'));

-- What a person wrote in chats of more than two: merging and erasing persons.
CREATE INDEX "messages_author_person_id_idx" ON "messages" ("author_person_id") WHERE "author_person_id" IS NOT NULL;
CREATE INDEX "message_keys_participant_idx" ON "message_keys" ("participant") WHERE "participant" <> '';
-- The files of carousels: asked before a file is removed.
CREATE INDEX "messages_cards_idx" ON "messages"
  USING gin ((jsonb_path_query_array("content", '$.cards[*].media.media.mediaId'))) WHERE "kind" = 'carousel';

-- Updated by each receipt and each new answer: room on the page.
ALTER TABLE "message_answers" SET (fillfactor = 85);

SELECT "waypost_protect"('message_answers');
SELECT "waypost_protect"('message_edits');
SELECT "waypost_protect"('message_receipts');
SELECT "waypost_protect"('waiting_actions');
SELECT "waypost_limit"('message_answers');
SELECT "waypost_limit"('message_edits');
SELECT "waypost_limit"('message_receipts');
SELECT "waypost_limit"('waiting_actions');

-- CreateTable
CREATE TABLE "broadcasts" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "state_reason" TEXT,
    "variants" JSONB NOT NULL,
    "prepared" JSONB,
    "media_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "audience" JSONB NOT NULL,
    "settings" JSONB NOT NULL,
    "scheduled_at" TIMESTAMPTZ(3),
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "recurrence" TEXT,
    "parent_id" UUID,
    "started_by" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "expand_part" INTEGER NOT NULL DEFAULT 0,
    "expand_after" TEXT,
    "expanded_at" TIMESTAMPTZ(3),
    "written" INTEGER NOT NULL DEFAULT 0,
    "retry_attempts" INTEGER NOT NULL DEFAULT 0,
    "told_at" TIMESTAMPTZ(3),
    "told" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "broadcasts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "broadcast_senders" (
    "broadcast_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "held_for" TEXT,
    "held_since" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3),
    "in_batch" INTEGER NOT NULL DEFAULT 0,
    "feed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "broadcast_senders_pkey" PRIMARY KEY ("broadcast_id","profile_id")
);

-- CreateTable
CREATE TABLE "broadcast_recipients" (
    "broadcast_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "person_id" UUID,
    "variables" JSONB,
    "state" TEXT NOT NULL,
    "is_waiting" BOOLEAN NOT NULL DEFAULT false,
    "is_excluded" BOOLEAN NOT NULL DEFAULT false,
    "reason" TEXT,
    "variant" SMALLINT NOT NULL DEFAULT 0,
    "sender_id" UUID,
    "conversation_id" UUID,
    "message_id" UUID,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),
    "queued_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "replied_at" TIMESTAMPTZ(3),
    "opted_out_at" TIMESTAMPTZ(3),

    CONSTRAINT "broadcast_recipients_pkey" PRIMARY KEY ("broadcast_id","position")
);

-- CreateIndex
CREATE INDEX "broadcasts_profile_id_id_idx" ON "broadcasts"("profile_id", "id");

-- CreateIndex
CREATE INDEX "broadcasts_state_scheduled_at_idx" ON "broadcasts"("state", "scheduled_at");

-- CreateIndex
CREATE INDEX "broadcast_senders_profile_id_idx" ON "broadcast_senders"("profile_id");

-- AddForeignKey
ALTER TABLE "broadcasts" ADD CONSTRAINT "broadcasts_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "broadcast_senders" ADD CONSTRAINT "broadcast_senders_broadcast_id_fkey" FOREIGN KEY ("broadcast_id") REFERENCES "broadcasts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "broadcast_senders" ADD CONSTRAINT "broadcast_senders_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Nobody gets it twice. Who is left out is not in it: one may be left out for several reasons.
CREATE UNIQUE INDEX "broadcast_recipients_once" ON "broadcast_recipients" ("broadcast_id", "address") WHERE NOT "is_excluded";
-- What is to be queued next, for a certain number or for any.
CREATE INDEX "broadcast_recipients_pending_idx" ON "broadcast_recipients" ("broadcast_id", "sender_id", "position") WHERE "is_waiting";
-- From a message to its recipient.
CREATE UNIQUE INDEX "broadcast_recipients_message_id_key" ON "broadcast_recipients" ("message_id") WHERE "message_id" IS NOT NULL;
-- From a reply to the message that it answers.
CREATE INDEX "broadcast_recipients_conversation_id_idx" ON "broadcast_recipients" ("conversation_id", "queued_at") WHERE "conversation_id" IS NOT NULL;
-- Repeats of one person, merging and erasing persons.
CREATE INDEX "broadcast_recipients_person_id_idx" ON "broadcast_recipients" ("person_id") WHERE "person_id" IS NOT NULL;
-- Room in each page: every state after the first is written beside the one before, and no index has to follow.
ALTER TABLE "broadcast_recipients" SET (fillfactor = 70);

CREATE FUNCTION "waypost_drop_broadcast_recipients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM broadcast_recipients WHERE broadcast_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER "drop_recipients" AFTER DELETE ON "broadcasts" FOR EACH ROW EXECUTE FUNCTION "waypost_drop_broadcast_recipients"();

SELECT "waypost_protect"('broadcasts');
SELECT "waypost_protect"('broadcast_senders');
SELECT "waypost_protect"('broadcast_recipients');
SELECT "waypost_limit"('broadcasts');
SELECT "waypost_limit"('broadcast_senders');
-- Once for a statement, not for each row.
SELECT "waypost_limit"('broadcast_recipients', 'broadcast_id = ANY (ARRAY(SELECT id FROM broadcasts))');

-- 2: rests with its paused broadcast.
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_lane_check", ADD CONSTRAINT "outbox_lane_check" CHECK ("lane" IN (0, 1, 2));

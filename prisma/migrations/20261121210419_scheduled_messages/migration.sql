-- AlterTable
ALTER TABLE "batch_items" ADD COLUMN     "skip_reason" TEXT,
ALTER COLUMN "message_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "status_audiences" (
    "message_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "audience" JSONB NOT NULL,

    CONSTRAINT "status_audiences_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "scheduled_messages" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "failure" JSONB,
    "recipient" TEXT NOT NULL,
    "chat" JSONB NOT NULL,
    "phone" TEXT,
    "lid" TEXT,
    "content" JSONB NOT NULL,
    "type" TEXT NOT NULL,
    "quoted" TEXT,
    "audience" JSONB,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "time_zone" TEXT NOT NULL,
    "rule" TEXT,
    "late_window_seconds" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "queued_count" INTEGER NOT NULL DEFAULT 0,
    "last_message_id" UUID,
    "last_queued_at" TIMESTAMPTZ(3),
    "missed_count" INTEGER NOT NULL DEFAULT 0,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "scheduled_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "status_audiences_organization_id_idx" ON "status_audiences"("organization_id");

-- CreateIndex
CREATE INDEX "scheduled_messages_due_at_idx" ON "scheduled_messages"("due_at");

-- CreateIndex
CREATE INDEX "scheduled_messages_organization_id_idx" ON "scheduled_messages"("organization_id");

-- CreateIndex
CREATE INDEX "scheduled_messages_profile_id_id_idx" ON "scheduled_messages"("profile_id", "id");

-- AddForeignKey
ALTER TABLE "scheduled_messages" ADD CONSTRAINT "scheduled_messages_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What happened to one message, in the order of the log. Ids rise with time, so new entries come at the end.
CREATE INDEX "events_message_id_idx" ON "events"(("payload" ->> 'messageId')) WHERE ("payload" ->> 'messageId') IS NOT NULL;

-- Files that a scheduled message names, as those of messages (libs/database/src/repositories/media-names.ts).
CREATE INDEX "scheduled_messages_media_id_idx" ON "scheduled_messages"(("content" #>> '{media,mediaId}'))
  WHERE ("content" #>> '{media,mediaId}') IS NOT NULL;

SELECT "waypost_protect"('status_audiences');
SELECT "waypost_protect"('scheduled_messages');
SELECT "waypost_limit"('status_audiences');
SELECT "waypost_limit"('scheduled_messages');

-- What is looked up by a part of a JSON value. Columns, because the operators that take parts of JSON are not leakproof: under
-- row policies PostgreSQL asks no index of an expression with them. To remove one file all messages with media were read, and
-- for the history of a message all events of its number.
ALTER TABLE "messages" ADD COLUMN "media_id" UUID GENERATED ALWAYS AS ((("content" #>> '{media,mediaId}'))::uuid) STORED;
ALTER TABLE "scheduled_messages" ADD COLUMN "media_id" UUID GENERATED ALWAYS AS ((("content" #>> '{media,mediaId}'))::uuid) STORED;
ALTER TABLE "events" ADD COLUMN "message_id" TEXT GENERATED ALWAYS AS (("payload" ->> 'messageId')) STORED;

DROP INDEX "messages_media_id_idx";
DROP INDEX "scheduled_messages_media_id_idx";
DROP INDEX "events_message_id_idx";
-- Which messages name a media file: asked before a file is removed.
CREATE INDEX "messages_media_id_idx" ON "messages" ("media_id") WHERE "media_id" IS NOT NULL;
CREATE INDEX "scheduled_messages_media_id_idx" ON "scheduled_messages" ("media_id") WHERE "media_id" IS NOT NULL;
-- What happened to one message, in the order of the log. Ids rise with time, so new entries come at the end.
CREATE INDEX "events_message_id_idx" ON "events" ("message_id") WHERE "message_id" IS NOT NULL;

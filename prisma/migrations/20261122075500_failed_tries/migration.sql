-- The history of a message tells of each try; most messages never have one that failed.
ALTER TABLE "messages" ADD COLUMN "tries" JSONB;

ALTER TABLE "outbox" ADD COLUMN "pause_ms" INTEGER;

-- AlterTable
ALTER TABLE "event_cursors" ADD COLUMN     "claim" UUID,
ADD COLUMN     "claimed_until" TIMESTAMPTZ(3),
ADD COLUMN     "read_seq" BIGINT;

-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "only_try_answer" TEXT,
ADD COLUMN     "only_try_ms" INTEGER;

-- What was cleared in one second with what came later in it is told apart by the last message that was meant.
ALTER TABLE "conversations" ADD COLUMN     "cleared_through" UUID;

-- WhatsApp's clock counts seconds.
UPDATE "conversations" SET "cleared_at" = date_trunc('second', "cleared_at") WHERE "cleared_at" IS NOT NULL;
UPDATE "conversations" SET "deleted_at" = date_trunc('second', "deleted_at") WHERE "deleted_at" IS NOT NULL;

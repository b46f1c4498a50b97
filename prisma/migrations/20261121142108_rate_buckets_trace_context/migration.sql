-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "trace_parent" TEXT;

-- Unlogged: counting requests must not write the WAL, and a crash may give everybody a full bucket.
-- fillfactor: every lease updates its row in place.
CREATE UNLOGGED TABLE "rate_buckets" (
    "key" TEXT NOT NULL,
    "tokens" DOUBLE PRECISION NOT NULL,
    "granted" INTEGER NOT NULL,
    "refilled_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "rate_buckets_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

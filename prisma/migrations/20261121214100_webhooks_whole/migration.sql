-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "redeliveries" SMALLINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "webhooks" ADD COLUMN     "behind_seq" BIGINT,
ADD COLUMN     "disabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "filters" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "missed_after" BIGINT,
ADD COLUMN     "payload_version" SMALLINT NOT NULL DEFAULT 2,
ADD COLUMN     "previous_secret_sealed" BYTEA,
ADD COLUMN     "previous_secret_until" TIMESTAMPTZ(3),
ALTER COLUMN "profile_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "webhook_redeliveries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "states" TEXT[],
    "events" TEXT[],
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_from" TIMESTAMPTZ(3),
    "last_id" UUID,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_redeliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_hours" (
    "webhook_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "organization_id" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "successes" INTEGER NOT NULL DEFAULT 0,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "exhausted" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "call_buckets" INTEGER[],
    "delay_buckets" INTEGER[],

    CONSTRAINT "webhook_hours_pkey" PRIMARY KEY ("webhook_id","hour")
);

-- CreateIndex
CREATE INDEX "webhook_redeliveries_webhook_id_id_idx" ON "webhook_redeliveries"("webhook_id", "id");

-- What the schema cannot say ------------------------------------------------------------------------------------------

ALTER TABLE "webhook_redeliveries" ADD CONSTRAINT "webhook_redeliveries_state_check"
  CHECK ("state" IN ('queued', 'running', 'completed', 'cancelled'));

-- The planner asks by stream, which is the organization's where there is no profile.
CREATE INDEX "webhooks_stream" ON "webhooks" ((coalesce("profile_id", "organization_id")));
-- Nearly always empty.
CREATE INDEX "webhooks_behind" ON "webhooks" ("id") WHERE "behind_seq" IS NOT NULL;
CREATE INDEX "webhook_redeliveries_open" ON "webhook_redeliveries" ("webhook_id", "id") WHERE "ended_at" IS NULL;

-- Updated with every batch of results.
ALTER TABLE "webhook_hours" SET (fillfactor = 70);

SELECT "waypost_protect"('webhook_redeliveries');
SELECT "waypost_protect"('webhook_hours');
SELECT "waypost_limit"(name::regclass, format('EXISTS (SELECT FROM webhooks seen WHERE seen.id = %s.webhook_id)', name))
  FROM unnest(ARRAY['webhook_redeliveries', 'webhook_hours']) AS name;

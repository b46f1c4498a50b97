-- CreateTable
CREATE TABLE "installation_settings" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "secrets_sealed" BYTEA,
    "updated_by" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_settings_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "organization_settings" (
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "secrets_sealed" BYTEA,
    "updated_by" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_settings_pkey" PRIMARY KEY ("organization_id","name")
);

-- CreateTable
CREATE TABLE "storage_places" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "value" JSONB NOT NULL,
    "secrets_sealed" BYTEA NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "storage_places_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mails" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "kind" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "content_sealed" BYTEA,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "mails_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "storage_places_organization_id_idx" ON "storage_places"("organization_id");

-- CreateIndex
CREATE INDEX "mails_state_next_attempt_at_idx" ON "mails"("state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "mails_organization_id_idx" ON "mails"("organization_id");

-- CreateIndex
CREATE INDEX "mails_expires_at_idx" ON "mails"("expires_at");

-- One place in use for each scope.
CREATE UNIQUE INDEX "storage_places_in_use" ON "storage_places" (coalesce("organization_id", '00000000-0000-0000-0000-000000000000')) WHERE "retired_at" IS NULL;

SELECT "waypost_protect"('organization_settings');
SELECT "waypost_protect"('storage_places');
SELECT "waypost_protect"('mails');

-- Not a tenant's business at all.
ALTER TABLE "installation_settings" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY "system" ON "installation_settings" USING ((SELECT current_setting('waypost.scope', true)) = 'system');

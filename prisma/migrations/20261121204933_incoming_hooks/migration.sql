-- CreateTable
CREATE TABLE "hooks" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "former_token_hash" BYTEA,
    "former_token_until" TIMESTAMPTZ(3),
    "verification" JSONB NOT NULL,
    "secret_sealed" BYTEA,
    "actions" JSONB NOT NULL,
    "delivery" JSONB,
    "allowed_ips" TEXT[],
    "rate_per_minute" INTEGER NOT NULL,
    "default_country" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hook_requests" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "hook_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "replay_of" UUID,
    "delivery_key" TEXT,
    "state" TEXT NOT NULL,
    "address" TEXT,
    "size_bytes" INTEGER NOT NULL,
    "content_sealed" BYTEA,
    "results" JSONB NOT NULL DEFAULT '[]',
    "phones" TEXT[],
    "error_code" TEXT,
    "error_message" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "hook_requests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "hooks_token_hash_key" ON "hooks"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "hooks_former_token_hash_key" ON "hooks"("former_token_hash");

-- CreateIndex
CREATE INDEX "hooks_profile_id_id_idx" ON "hooks"("profile_id", "id");

-- CreateIndex
CREATE INDEX "hooks_organization_id_id_idx" ON "hooks"("organization_id", "id");

-- CreateIndex
CREATE INDEX "hook_requests_hook_id_id_idx" ON "hook_requests"("hook_id", "id");

-- CreateIndex
CREATE INDEX "hook_requests_next_attempt_at_idx" ON "hook_requests"("next_attempt_at");

-- CreateIndex
CREATE INDEX "hook_requests_organization_id_id_idx" ON "hook_requests"("organization_id", "id");

-- CreateIndex
CREATE INDEX "hook_requests_phones_idx" ON "hook_requests" USING GIN ("phones");

-- CreateIndex
CREATE UNIQUE INDEX "hook_requests_hook_id_delivery_key_key" ON "hook_requests"("hook_id", "delivery_key");

-- AddForeignKey
ALTER TABLE "hooks" ADD CONSTRAINT "hooks_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hook_requests" ADD CONSTRAINT "hook_requests_hook_id_fkey" FOREIGN KEY ("hook_id") REFERENCES "hooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('hooks');
SELECT "waypost_protect"('hook_requests');
SELECT "waypost_limit"('hooks');
SELECT "waypost_limit"('hook_requests');

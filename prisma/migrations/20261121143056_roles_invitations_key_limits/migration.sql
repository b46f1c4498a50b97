-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "ip_ranges" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "last_used_ip" TEXT,
ADD COLUMN     "previous_hash" BYTEA,
ADD COLUMN     "previous_until" TIMESTAMPTZ(3),
ADD COLUMN     "profile_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "rate_per_minute" INTEGER,
ADD COLUMN     "rotated_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "users" ALTER COLUMN "role" SET DEFAULT '';

-- CreateTable
CREATE TABLE "api_key_usage" (
    "api_key_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "operation" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "calls" INTEGER NOT NULL DEFAULT 0,
    "refused" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "api_key_usage_pkey" PRIMARY KEY ("api_key_id","day","operation")
);

-- CreateTable
CREATE TABLE "api_key_calls" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "api_key_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "status" SMALLINT NOT NULL,
    "ip" TEXT,
    "request_id" TEXT NOT NULL,

    CONSTRAINT "api_key_calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roles" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "permissions" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_assignments" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "system_role" TEXT,
    "role_id" UUID,
    "workspace_id" UUID,
    "profile_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_assignments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "token_hash" BYTEA NOT NULL,
    "system_role" TEXT,
    "role_id" UUID,
    "workspace_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "profile_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "invited_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "user_id" UUID,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "api_key_usage_day_idx" ON "api_key_usage"("day");

-- CreateIndex
CREATE INDEX "api_key_calls_api_key_id_id_idx" ON "api_key_calls"("api_key_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "roles_organization_id_name_key" ON "roles"("organization_id", "name");

-- CreateIndex
CREATE INDEX "role_assignments_user_id_idx" ON "role_assignments"("user_id");

-- CreateIndex
CREATE INDEX "role_assignments_organization_id_system_role_idx" ON "role_assignments"("organization_id", "system_role");

-- CreateIndex
CREATE INDEX "role_assignments_role_id_idx" ON "role_assignments"("role_id");

-- CreateIndex
CREATE INDEX "role_assignments_workspace_id_idx" ON "role_assignments"("workspace_id");

-- CreateIndex
CREATE INDEX "role_assignments_profile_id_idx" ON "role_assignments"("profile_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_token_hash_key" ON "invitations"("token_hash");

-- CreateIndex
CREATE INDEX "invitations_organization_id_id_idx" ON "invitations"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_previous_hash_key" ON "api_keys"("previous_hash");

-- CreateIndex
CREATE INDEX "api_keys_user_id_idx" ON "api_keys"("user_id");

-- AddForeignKey
ALTER TABLE "api_key_usage" ADD CONSTRAINT "api_key_usage_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key_calls" ADD CONSTRAINT "api_key_calls_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('api_key_usage');
SELECT "waypost_protect"('api_key_calls');
SELECT "waypost_protect"('roles');
SELECT "waypost_protect"('role_assignments');
SELECT "waypost_protect"('invitations');

ALTER TABLE "role_assignments"
  ADD CONSTRAINT "role_assignments_one_role" CHECK (num_nonnulls("system_role", "role_id") = 1),
  ADD CONSTRAINT "role_assignments_one_place" CHECK (num_nonnulls("workspace_id", "profile_id") <= 1);
CREATE UNIQUE INDEX "role_assignments_once"
  ON "role_assignments" ("user_id", COALESCE("system_role", "role_id"::text), COALESCE("workspace_id", "profile_id"))
  NULLS NOT DISTINCT;
ALTER TABLE "invitations"
  ADD CONSTRAINT "invitations_one_role" CHECK (num_nonnulls("system_role", "role_id") = 1);
-- One open invitation for an address.
CREATE UNIQUE INDEX "invitations_open" ON "invitations" ("organization_id", "email")
  WHERE "accepted_at" IS NULL AND "revoked_at" IS NULL;
CREATE INDEX "invitations_role_id_idx" ON "invitations" ("role_id")
  WHERE "accepted_at" IS NULL AND "revoked_at" IS NULL;

-- The role that everyone had so far holds in the whole organization.
INSERT INTO "role_assignments" ("id", "organization_id", "user_id", "system_role")
SELECT gen_random_uuid(), "organization_id", "id", "role" FROM "users";

-- The third lock: whose rights are limited to some workspaces and profiles (waypost.reach is 'limited') sees and writes
-- only what is in them. `visible` is the condition on a row; a table that belongs to profiles needs none.
CREATE FUNCTION "waypost_limit"("target" regclass, "visible" text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($policy$
    CREATE POLICY reach ON %s AS RESTRICTIVE USING (
      (SELECT current_setting('waypost.reach', true)) IS DISTINCT FROM 'limited' OR (%s)
    )$policy$, target,
    -- Visible profiles, because their own policy holds within this one.
    coalesce(visible, format('EXISTS (SELECT FROM profiles seen WHERE seen.id = %s.profile_id)', target)));
END $$;

SELECT "waypost_limit"('profiles', $$
  workspace_id = ANY (coalesce((SELECT nullif(current_setting('waypost.workspaces', true), '')::uuid[]), '{}'))
  OR id = ANY (coalesce((SELECT nullif(current_setting('waypost.profiles', true), '')::uuid[]), '{}'))$$);
-- Workspaces and accounts of visible profiles are visible, so that a profile is never without its surroundings; writing
-- to them is a matter of permissions, which are not given for single profiles.
SELECT "waypost_limit"('workspaces', $$
  id = ANY (coalesce((SELECT nullif(current_setting('waypost.workspaces', true), '')::uuid[]), '{}'))
  OR EXISTS (SELECT FROM profiles seen WHERE seen.workspace_id = workspaces.id)$$);
SELECT "waypost_limit"('accounts', $$
  workspace_id = ANY (coalesce((SELECT nullif(current_setting('waypost.workspaces', true), '')::uuid[]), '{}'))
  OR EXISTS (SELECT FROM profiles seen WHERE seen.account_id = accounts.id)$$);

SELECT "waypost_limit"(name::regclass) FROM unnest(ARRAY[
  'batches', 'contacts', 'conversations', 'engine_credentials', 'engine_keys', 'inbox_journal', 'media_downloads',
  'message_keys', 'messages', 'outbox', 'profile_connections', 'profile_leases', 'sent_protos', 'webhooks'
]) AS name;
SELECT "waypost_limit"('batch_items', 'EXISTS (SELECT FROM batches seen WHERE seen.id = batch_items.batch_id)');
SELECT "waypost_limit"(name::regclass, format('EXISTS (SELECT FROM webhooks seen WHERE seen.id = %s.webhook_id)', name))
  FROM unnest(ARRAY['webhook_deliveries', 'webhook_queue', 'webhook_lanes']) AS name;
SELECT "waypost_limit"('webhook_attempts',
  'EXISTS (SELECT FROM webhook_deliveries seen WHERE seen.id = webhook_attempts.delivery_id)');
-- What a limited actor does may also be a fact of the organization (it made an account), so the organization's stream
-- can be written by all. Who may read it is decided where it is read.
SELECT "waypost_limit"('events',
  'profile_id IS NULL OR EXISTS (SELECT FROM profiles seen WHERE seen.id = events.profile_id)');
SELECT "waypost_limit"('event_streams',
  'stream_id = organization_id OR EXISTS (SELECT FROM profiles seen WHERE seen.id = event_streams.stream_id)');

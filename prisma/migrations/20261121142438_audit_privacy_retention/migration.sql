-- CreateTable
CREATE TABLE "audit_entries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "seq" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "user_id" UUID,
    "credential_id" UUID,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT,
    "request_id" TEXT,
    "actor_details" JSONB,
    "change" JSONB,
    "actor_digest" BYTEA,
    "change_digest" BYTEA,
    "hash" BYTEA,
    "redacted_by" UUID,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_heads" (
    "organization_id" UUID NOT NULL,
    "anchor_seq" BIGINT NOT NULL DEFAULT 0,
    "anchor_hash" BYTEA NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "last_hash" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,

    CONSTRAINT "audit_heads_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "data_exports" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "profile_id" UUID,
    "person_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "progress" SMALLINT NOT NULL DEFAULT 0,
    "error" TEXT,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "storage_key" TEXT,
    "size_bytes" BIGINT,
    "contents" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "data_exports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "erasures" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "requested_by" UUID NOT NULL,
    "user_id" UUID,
    "profile_id" UUID,
    "person_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'scheduled',
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "error" TEXT,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "report" JSONB NOT NULL DEFAULT '{}',
    "receipt_hash" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retention_policies" (
    "organization_id" UUID NOT NULL,
    "days" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" UUID NOT NULL,

    CONSTRAINT "retention_policies_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "retention_runs" (
    "organization_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "removed" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "retention_runs_pkey" PRIMARY KEY ("organization_id")
);

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_id_idx" ON "audit_entries"("organization_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_user_id_id_idx" ON "audit_entries"("organization_id", "user_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_resource_type_resource_id_id_idx" ON "audit_entries"("organization_id", "resource_type", "resource_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_action_id_idx" ON "audit_entries"("organization_id", "action", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entries_organization_id_seq_key" ON "audit_entries"("organization_id", "seq");

-- CreateIndex
CREATE INDEX "data_exports_organization_id_user_id_id_idx" ON "data_exports"("organization_id", "user_id", "id");

-- CreateIndex
CREATE INDEX "data_exports_storage_key_idx" ON "data_exports"("storage_key");

-- CreateIndex
CREATE UNIQUE INDEX "erasures_receipt_hash_key" ON "erasures"("receipt_hash");

-- CreateIndex
CREATE INDEX "erasures_organization_id_id_idx" ON "erasures"("organization_id", "id");

-- CreateIndex
CREATE INDEX "erasures_state_due_at_idx" ON "erasures"("state", "due_at");

SELECT "waypost_protect"('audit_entries');
SELECT "waypost_protect"('audit_heads');
SELECT "waypost_protect"('data_exports');
SELECT "waypost_protect"('erasures');
SELECT "waypost_protect"('retention_policies');
SELECT "waypost_protect"('retention_runs');

-- What waits to be sealed, in the order in which it will be.
CREATE INDEX "audit_entries_unsealed_idx" ON "audit_entries"("organization_id", "id") WHERE "seq" IS NULL;

-- A sealed entry stays as it is. Two exceptions: personal fields may be emptied, naming the entry that tells of it, and
-- rows may go where a transaction says that it does so for retention or erasure. The application's role owns the table,
-- so this stops mistakes and injected statements; what gets past it is found by the chain.
CREATE FUNCTION "waypost_keep_audit"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR TG_OP = 'DELETE' THEN
    IF TG_OP = 'DELETE' AND current_setting('waypost.audit_removal', true) = 'on' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'Entries of the audit log are not removed.' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.seq IS NULL THEN
    -- Sealing writes what the chain needs, and nothing else.
    IF (NEW.id, NEW.organization_id, NEW.at, NEW.action, NEW.outcome, NEW.actor_kind, NEW.user_id, NEW.credential_id,
        NEW.resource_type, NEW.resource_id, NEW.request_id, NEW.actor_details, NEW.change, NEW.redacted_by)
       IS NOT DISTINCT FROM
       (OLD.id, OLD.organization_id, OLD.at, OLD.action, OLD.outcome, OLD.actor_kind, OLD.user_id, OLD.credential_id,
        OLD.resource_type, OLD.resource_id, OLD.request_id, OLD.actor_details, OLD.change, OLD.redacted_by)
    THEN RETURN NEW; END IF;
  ELSIF NEW.redacted_by IS NOT NULL
    AND (NEW.actor_details IS NULL OR NEW.actor_details IS NOT DISTINCT FROM OLD.actor_details)
    AND (NEW.change IS NULL OR NEW.change IS NOT DISTINCT FROM OLD.change)
    AND (NEW.id, NEW.organization_id, NEW.seq, NEW.at, NEW.action, NEW.outcome, NEW.actor_kind, NEW.user_id,
         NEW.credential_id, NEW.resource_type, NEW.resource_id, NEW.request_id, NEW.actor_digest, NEW.change_digest,
         NEW.hash)
        IS NOT DISTINCT FROM
        (OLD.id, OLD.organization_id, OLD.seq, OLD.at, OLD.action, OLD.outcome, OLD.actor_kind, OLD.user_id,
         OLD.credential_id, OLD.resource_type, OLD.resource_id, OLD.request_id, OLD.actor_digest, OLD.change_digest,
         OLD.hash)
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Entries of the audit log are not changed.' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "keep" BEFORE UPDATE OR DELETE ON "audit_entries"
  FOR EACH ROW EXECUTE FUNCTION "waypost_keep_audit"();
CREATE TRIGGER "keep_all" BEFORE TRUNCATE ON "audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "waypost_keep_audit"();

-- Which messages name a media file: asked before a file is removed.
CREATE INDEX "messages_media_id_idx" ON "messages"(((content #>> '{media,mediaId}')))
  WHERE (content #>> '{media,mediaId}') IS NOT NULL;
-- A file is shared by all rows with its key.
CREATE INDEX "media_objects_storage_key_idx" ON "media_objects"("storage_key");

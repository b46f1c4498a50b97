-- CreateTable
CREATE TABLE "contact_imports" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "requested_by" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "is_dry_run" BOOLEAN NOT NULL,
    "file_name" TEXT,
    "format" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "storage_key" TEXT,
    "options" JSONB NOT NULL,
    "columns" JSONB NOT NULL,
    "total_rows" INTEGER,
    "done_rows" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "error_message" TEXT,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "contact_imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contact_import_rows" (
    "import_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "field" TEXT,
    "code" TEXT,
    "message" TEXT,
    "value" TEXT,
    "phone" TEXT,

    CONSTRAINT "contact_import_rows_pkey" PRIMARY KEY ("import_id","position")
);

-- CreateTable
CREATE TABLE "opt_out_settings" (
    "profile_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "is_enabled" BOOLEAN NOT NULL,
    "keywords" TEXT[],
    "return_keywords" TEXT[],
    "confirmation" TEXT,
    "return_confirmation" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "opt_out_settings_pkey" PRIMARY KEY ("profile_id")
);

-- CreateIndex
CREATE INDEX "contact_imports_organization_id_id_idx" ON "contact_imports"("organization_id", "id");

-- CreateIndex
CREATE INDEX "contact_imports_profile_id_id_idx" ON "contact_imports"("profile_id", "id");

-- CreateIndex
CREATE INDEX "contact_imports_storage_key_idx" ON "contact_imports"("storage_key");

-- CreateIndex
CREATE INDEX "contact_import_rows_organization_id_phone_idx" ON "contact_import_rows"("organization_id", "phone");

-- AddForeignKey
ALTER TABLE "contact_imports" ADD CONSTRAINT "contact_imports_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_import_rows" ADD CONSTRAINT "contact_import_rows_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "contact_imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "opt_out_settings" ADD CONSTRAINT "opt_out_settings_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('contact_imports');
SELECT "waypost_protect"('contact_import_rows');
SELECT "waypost_protect"('opt_out_settings');
SELECT "waypost_limit"('contact_imports');
SELECT "waypost_limit"('contact_import_rows');
SELECT "waypost_limit"('opt_out_settings');

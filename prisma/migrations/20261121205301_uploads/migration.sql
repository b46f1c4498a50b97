-- AlterTable
ALTER TABLE "media_objects" ADD COLUMN     "scan" TEXT,
ADD COLUMN     "scan_found" TEXT;

-- CreateTable
CREATE TABLE "media_thumbnails" (
    "media_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "jpeg" BYTEA NOT NULL,

    CONSTRAINT "media_thumbnails_pkey" PRIMARY KEY ("media_id")
);

-- CreateTable
CREATE TABLE "media_work" (
    "media_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "needs_scan" BOOLEAN NOT NULL,
    "needs_thumbnail" BOOLEAN NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "media_work_pkey" PRIMARY KEY ("media_id")
);

-- CreateTable
CREATE TABLE "media_allowances" (
    "organization_id" UUID NOT NULL,
    "stored_bytes" BIGINT NOT NULL DEFAULT 0,
    "stored_files" BIGINT NOT NULL DEFAULT 0,
    "reserved_bytes" BIGINT NOT NULL DEFAULT 0,
    "uploads_on" DATE,
    "uploads_made" INTEGER NOT NULL DEFAULT 0,
    "max_stored_bytes" BIGINT,
    "max_uploads_per_day" INTEGER,
    "max_file_bytes" BIGINT,
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "media_allowances_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "kind" TEXT,
    "as_document" BOOLEAN NOT NULL DEFAULT false,
    "size_bytes" BIGINT NOT NULL,
    "offset_bytes" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "problem" JSONB,
    "media_id" UUID,
    "expires_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_parts" (
    "upload_id" UUID NOT NULL,
    "start_byte" BIGINT NOT NULL,
    "organization_id" UUID NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "storage_key" TEXT NOT NULL,

    CONSTRAINT "upload_parts_pkey" PRIMARY KEY ("upload_id","start_byte")
);

-- CreateIndex
CREATE INDEX "media_work_due_at_idx" ON "media_work"("due_at");

-- CreateIndex
CREATE INDEX "uploads_organization_id_id_idx" ON "uploads"("organization_id", "id");

-- CreateIndex
CREATE INDEX "uploads_media_id_idx" ON "uploads"("media_id");

-- CreateIndex
CREATE INDEX "uploads_due_at_idx" ON "uploads"("due_at");

-- CreateIndex
CREATE INDEX "uploads_expires_at_idx" ON "uploads"("expires_at");

-- CreateIndex
CREATE INDEX "upload_parts_storage_key_idx" ON "upload_parts"("storage_key");

-- AddForeignKey
ALTER TABLE "media_thumbnails" ADD CONSTRAINT "media_thumbnails_media_id_fkey" FOREIGN KEY ("media_id") REFERENCES "media_objects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media_work" ADD CONSTRAINT "media_work_media_id_fkey" FOREIGN KEY ("media_id") REFERENCES "media_objects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_media_id_fkey" FOREIGN KEY ("media_id") REFERENCES "media_objects"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_parts" ADD CONSTRAINT "upload_parts_upload_id_fkey" FOREIGN KEY ("upload_id") REFERENCES "uploads"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('media_thumbnails');
SELECT "waypost_protect"('media_work');
SELECT "waypost_protect"('media_allowances');
SELECT "waypost_protect"('uploads');
SELECT "waypost_protect"('upload_parts');

-- What organizations store, counted where rows of files come and go, whoever writes them. A file that several rows of an
-- organization name counts once. The row of the counter is locked first, and each statement of the function sees what was
-- committed before it began: so two that add or remove the same file at once count it once.
CREATE FUNCTION "waypost_count_media"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  direction int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO media_allowances (organization_id)
    SELECT DISTINCT organization_id FROM changed ORDER BY 1 ON CONFLICT DO NOTHING;
  END IF;
  PERFORM 1 FROM media_allowances
    WHERE organization_id IN (SELECT organization_id FROM changed) ORDER BY organization_id FOR UPDATE;
  UPDATE media_allowances a
     SET stored_bytes = a.stored_bytes + direction * counted.bytes,
         stored_files = a.stored_files + direction * counted.files
    FROM (
      SELECT c.organization_id, sum(c.size_bytes) AS bytes, count(*) AS files
        FROM (SELECT organization_id, storage_key, max(size_bytes) AS size_bytes, array_agg(id) AS ids
                FROM changed GROUP BY 1, 2) c
       WHERE NOT EXISTS (
         SELECT 1 FROM media_objects m
          WHERE m.storage_key = c.storage_key AND m.organization_id = c.organization_id AND m.id <> ALL (c.ids))
       GROUP BY 1
    ) counted
   WHERE a.organization_id = counted.organization_id;
  RETURN NULL;
END $$;

CREATE TRIGGER "count_added" AFTER INSERT ON "media_objects"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "waypost_count_media"();
CREATE TRIGGER "count_removed" AFTER DELETE ON "media_objects"
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "waypost_count_media"();

INSERT INTO media_allowances (organization_id, stored_bytes, stored_files)
SELECT organization_id, sum(size_bytes), count(*)
  FROM (SELECT DISTINCT ON (organization_id, storage_key) organization_id, size_bytes
          FROM media_objects ORDER BY organization_id, storage_key) held
 GROUP BY 1;

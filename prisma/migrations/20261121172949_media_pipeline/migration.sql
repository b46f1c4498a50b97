-- AlterTable
ALTER TABLE "media_downloads" ADD COLUMN     "size_bytes" BIGINT;

-- CreateTable
CREATE TABLE "media_uploads" (
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "media_uploads_pkey" PRIMARY KEY ("profile_id","name")
);

-- CreateIndex
CREATE INDEX "media_uploads_expires_at_idx" ON "media_uploads"("expires_at");

SELECT "waypost_protect"('media_uploads');
SELECT "waypost_limit"('media_uploads');

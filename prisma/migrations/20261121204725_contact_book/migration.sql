-- AlterTable
ALTER TABLE "contacts" ADD COLUMN     "custom_fields" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "opted_out_at" TIMESTAMPTZ(3),
ADD COLUMN     "opted_out_source" TEXT,
ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'message';

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "last_outbound_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "contact_tags" (
    "contact_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "tag" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_tags_pkey" PRIMARY KEY ("contact_id","tag")
);

-- CreateTable
CREATE TABLE "opt_out_changes" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "is_opted_out" BOOLEAN NOT NULL,
    "source" TEXT NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "opt_out_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contact_fields" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID,
    "key" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "choices" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_fields_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "segments" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "filter" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "segments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "number_checks" (
    "organization_id" UUID NOT NULL,
    "phone" TEXT NOT NULL,
    "exists" BOOLEAN NOT NULL,
    "lid" TEXT,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "number_checks_pkey" PRIMARY KEY ("organization_id","phone")
);

-- CreateIndex
CREATE INDEX "opt_out_changes_contact_id_id_idx" ON "opt_out_changes"("contact_id", "id");

-- CreateIndex
CREATE INDEX "contact_fields_organization_id_idx" ON "contact_fields"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "contact_fields_profile_id_key_key" ON "contact_fields"("profile_id", "key");

-- CreateIndex
CREATE INDEX "segments_profile_id_id_idx" ON "segments"("profile_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "segments_profile_id_name_key" ON "segments"("profile_id", "name");

-- CreateIndex
CREATE INDEX "contacts_profile_id_id_idx" ON "contacts"("profile_id", "id");

-- AddForeignKey
ALTER TABLE "contact_tags" ADD CONSTRAINT "contact_tags_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "opt_out_changes" ADD CONSTRAINT "opt_out_changes_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_fields" ADD CONSTRAINT "contact_fields_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segments" ADD CONSTRAINT "segments_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A tag is the same tag in any case.
CREATE UNIQUE INDEX "contact_tags_contact_id_lower_key" ON "contact_tags" ("contact_id", lower("tag"));
-- Who has a tag; how many have each.
CREATE INDEX "contact_tags_profile_id_lower_idx" ON "contact_tags" ("profile_id", lower("tag"), "contact_id");
-- Fields of the whole organization, of which there is one of a key.
CREATE UNIQUE INDEX "contact_fields_organization_key" ON "contact_fields" ("organization_id", "key") WHERE "profile_id" IS NULL;

-- When the account last wrote, for chats that were there before.
UPDATE "conversations" c
   SET "last_outbound_at" = (SELECT max(m."sent_at") FROM "messages" m
                              WHERE m."conversation_id" = c."id" AND m."direction" = 'outgoing'
                                AND m."target_message_id" IS NULL)
 WHERE c."last_message_at" IS NOT NULL;

SELECT "waypost_protect"('contact_tags');
SELECT "waypost_protect"('opt_out_changes');
SELECT "waypost_protect"('contact_fields');
SELECT "waypost_protect"('segments');
SELECT "waypost_protect"('number_checks');
SELECT "waypost_limit"('contact_tags');
SELECT "waypost_limit"('opt_out_changes');
SELECT "waypost_limit"('segments');
-- Fields of the whole organization are seen by everybody in it; who may change them is a matter of permissions.
SELECT "waypost_limit"('contact_fields', $$
  profile_id IS NULL OR profile_id = ANY (coalesce((SELECT nullif(current_setting('waypost.seen', true), '')::uuid[]), '{}'))$$);

-- A tag as it is compared. A column, because `lower` is not leakproof: under row policies PostgreSQL asks no index of an
-- expression that it is part of, and an import read all tags of the profile for every batch.
ALTER TABLE "contact_tags" ADD COLUMN "tag_key" TEXT GENERATED ALWAYS AS (lower("tag")) STORED;

DROP INDEX "contact_tags_profile_id_lower_idx";
-- Who has a tag; how many have each.
CREATE INDEX "contact_tags_profile_id_tag_key_contact_id_idx" ON "contact_tags" ("profile_id", "tag_key", "contact_id");

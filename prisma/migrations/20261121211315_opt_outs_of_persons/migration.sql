-- DropForeignKey
ALTER TABLE "opt_out_changes" DROP CONSTRAINT "opt_out_changes_contact_id_fkey";

-- DropIndex
DROP INDEX "opt_out_changes_contact_id_id_idx";

-- AlterTable
ALTER TABLE "opt_out_changes" DROP COLUMN "contact_id",
ADD COLUMN     "person_id" UUID NOT NULL;

-- CreateIndex
CREATE INDEX "opt_out_changes_profile_id_person_id_at_idx" ON "opt_out_changes"("profile_id", "person_id", "at" DESC);

-- CreateIndex
CREATE INDEX "opt_out_changes_person_id_idx" ON "opt_out_changes"("person_id");

-- AddForeignKey
ALTER TABLE "opt_out_changes" ADD CONSTRAINT "opt_out_changes_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "opt_out_changes" ADD CONSTRAINT "opt_out_changes_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Whoever wanted no more campaigns still wants none when the contact was deleted and comes back, by whatever way.
CREATE FUNCTION "waypost_remember_opt_out"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  latest record;
BEGIN
  IF NEW.opted_out_at IS NULL THEN
    SELECT is_opted_out, at, source INTO latest FROM opt_out_changes
     WHERE profile_id = NEW.profile_id AND person_id = NEW.person_id ORDER BY at DESC, id DESC LIMIT 1;
    IF FOUND AND latest.is_opted_out THEN
      NEW.opted_out_at := latest.at;
      NEW.opted_out_source := latest.source;
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "remember_opt_out" BEFORE INSERT ON "contacts"
  FOR EACH ROW EXECUTE FUNCTION "waypost_remember_opt_out"();

-- Who registered since role_assignments exist and has none yet.
INSERT INTO "role_assignments" ("id", "organization_id", "user_id", "system_role")
SELECT gen_random_uuid(), "organization_id", "id", "role" FROM "users"
 WHERE "role" <> '' AND NOT EXISTS (SELECT FROM "role_assignments" a WHERE a."user_id" = "users"."id");

-- AlterTable
ALTER TABLE "users" DROP COLUMN "role";

-- Whoever changes something writes an event, also the last one of a profile that is gone by then; who may read the log
-- is decided where it is read (domain/platform/event-log.ts).
DROP POLICY reach ON "events";
DROP POLICY reach ON "event_streams";

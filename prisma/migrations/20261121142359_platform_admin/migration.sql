-- AlterTable
ALTER TABLE "users" ADD COLUMN     "is_platform_admin" BOOLEAN NOT NULL DEFAULT false;

-- Until now whoever registered first ran the installation.
UPDATE "users" SET "is_platform_admin" = true WHERE "id" = (SELECT "id" FROM "users" ORDER BY "id" LIMIT 1);
-- What the role was called before.
UPDATE "users" SET "role" = 'operator' WHERE "role" = 'member';

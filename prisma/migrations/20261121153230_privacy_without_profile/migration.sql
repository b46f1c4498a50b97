-- AlterTable
ALTER TABLE "data_exports" DROP COLUMN "profile_id";

-- AlterTable
ALTER TABLE "erasures" DROP COLUMN "profile_id";

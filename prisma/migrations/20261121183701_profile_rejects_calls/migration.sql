-- AlterTable
ALTER TABLE "connection_settings" ADD COLUMN     "rejects_calls" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "recipient_count" INTEGER;

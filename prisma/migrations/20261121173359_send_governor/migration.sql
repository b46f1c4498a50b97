-- DropIndex
DROP INDEX "outbox_profile_id_lane_not_before_message_id_idx";

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "last_inbound_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "standing" SMALLINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "send_policies" (
    "profile_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "policy" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "send_policies_pkey" PRIMARY KEY ("profile_id")
);

-- CreateTable
CREATE TABLE "send_governors" (
    "profile_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "day" TEXT NOT NULL,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "unsolicited" INTEGER NOT NULL DEFAULT 0,
    "new_contacts" INTEGER NOT NULL DEFAULT 0,
    "minute_at" TIMESTAMPTZ(3) NOT NULL,
    "minute_counts" INTEGER[],
    "hour_at" TIMESTAMPTZ(3) NOT NULL,
    "hour_counts" INTEGER[],
    "last_sent_at" TIMESTAMPTZ(3),
    "next_slot_at" TIMESTAMPTZ(3),
    "state" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "send_governors_pkey" PRIMARY KEY ("profile_id")
);

-- CreateIndex
CREATE INDEX "outbox_profile_id_lane_standing_not_before_message_id_idx" ON "outbox"("profile_id", "lane", "standing", "not_before", "message_id");

-- AddForeignKey
ALTER TABLE "send_policies" ADD CONSTRAINT "send_policies_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "send_governors" ADD CONSTRAINT "send_governors_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who wrote when, of what there is already.
UPDATE "conversations" c SET "last_inbound_at" = m.at
  FROM (SELECT conversation_id, max(sent_at) AS at FROM messages WHERE direction = 'incoming' GROUP BY 1) m
 WHERE m.conversation_id = c.id;
UPDATE "outbox" o SET "standing" = 2
  FROM "conversations" c WHERE c.id = o.conversation_id AND c.last_inbound_at IS NULL AND c.kind = 'user';

-- Sends that wait for people who do not write: found when one of them does.
CREATE INDEX "outbox_unsolicited_idx" ON "outbox" ("conversation_id") WHERE "standing" > 0;

-- Written with each claim: room for new versions on the same page.
ALTER TABLE "send_governors" SET (fillfactor = 50);

SELECT "waypost_protect"('send_policies');
SELECT "waypost_protect"('send_governors');
SELECT "waypost_limit"('send_policies');
SELECT "waypost_limit"('send_governors');

-- AlterTable
ALTER TABLE "contacts" ADD COLUMN     "about" TEXT,
ADD COLUMN     "identity_changed_at" TIMESTAMPTZ(3),
ADD COLUMN     "is_blocked" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "picture_id" TEXT,
ADD COLUMN     "saved_name" TEXT,
ADD COLUMN     "verified_name" TEXT;

-- CreateTable
CREATE TABLE "calls" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "wa_call_id" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "group_room_id" TEXT,
    "is_video" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "labels" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "wa_id" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "color" INTEGER NOT NULL DEFAULT 0,
    "is_deleted" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "labels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "label_links" (
    "label_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "wa_message_id" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "label_links_pkey" PRIMARY KEY ("label_id","conversation_id","wa_message_id")
);

-- CreateIndex
CREATE INDEX "calls_profile_id_started_at_id_idx" ON "calls"("profile_id", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "calls_person_id_idx" ON "calls"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "calls_profile_id_wa_call_id_key" ON "calls"("profile_id", "wa_call_id");

-- CreateIndex
CREATE UNIQUE INDEX "labels_profile_id_wa_id_key" ON "labels"("profile_id", "wa_id");

-- CreateIndex
CREATE INDEX "label_links_conversation_id_idx" ON "label_links"("conversation_id");

-- AddForeignKey
ALTER TABLE "calls" ADD CONSTRAINT "calls_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calls" ADD CONSTRAINT "calls_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "labels" ADD CONSTRAINT "labels_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "label_links" ADD CONSTRAINT "label_links_label_id_fkey" FOREIGN KEY ("label_id") REFERENCES "labels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "label_links" ADD CONSTRAINT "label_links_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('calls');
SELECT "waypost_protect"('labels');
SELECT "waypost_protect"('label_links');
SELECT "waypost_limit"('calls');
SELECT "waypost_limit"('labels');
SELECT "waypost_limit"('label_links', 'EXISTS (SELECT FROM labels seen WHERE seen.id = label_links.label_id)');

-- CreateTable
CREATE TABLE "groups" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "wa_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "subject_set_at" TIMESTAMPTZ(3),
    "description" TEXT,
    "description_id" TEXT,
    "description_set_at" TIMESTAMPTZ(3),
    "owner_person_id" UUID,
    "wa_created_at" TIMESTAMPTZ(3),
    "addressing" TEXT NOT NULL,
    "announce_only" BOOLEAN NOT NULL DEFAULT false,
    "locked" BOOLEAN NOT NULL DEFAULT false,
    "member_add_mode" TEXT NOT NULL DEFAULT 'admins',
    "join_approval" BOOLEAN NOT NULL DEFAULT false,
    "disappears_in_seconds" INTEGER,
    "kind" TEXT NOT NULL DEFAULT 'group',
    "community_wa_id" TEXT,
    "members_may_add_groups" BOOLEAN NOT NULL DEFAULT false,
    "member_count" INTEGER NOT NULL DEFAULT 0,
    "member_version" TEXT,
    "members_known" BOOLEAN NOT NULL DEFAULT false,
    "own_role" TEXT,
    "gone_reason" TEXT,
    "gone_at" TIMESTAMPTZ(3),
    "invite_changed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "groups_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "group_members" (
    "group_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "person_id" UUID,
    "role" TEXT NOT NULL,

    CONSTRAINT "group_members_pkey" PRIMARY KEY ("group_id","address")
);

-- CreateTable
CREATE TABLE "group_join_requests" (
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "group_join_requests_pkey" PRIMARY KEY ("group_id","person_id")
);

-- CreateTable
CREATE TABLE "newsletters" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "wa_id" TEXT NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "invite" TEXT,
    "role" TEXT NOT NULL DEFAULT 'none',
    "is_muted" BOOLEAN NOT NULL DEFAULT false,
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "newsletters_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "groups_owner_person_id_idx" ON "groups"("owner_person_id");

-- CreateIndex
CREATE UNIQUE INDEX "groups_profile_id_wa_id_key" ON "groups"("profile_id", "wa_id");

-- CreateIndex
CREATE INDEX "group_members_person_id_idx" ON "group_members"("person_id");

-- CreateIndex
CREATE INDEX "group_join_requests_person_id_idx" ON "group_join_requests"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "newsletters_profile_id_wa_id_key" ON "newsletters"("profile_id", "wa_id");

-- AddForeignKey
ALTER TABLE "groups" ADD CONSTRAINT "groups_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "groups" ADD CONSTRAINT "groups_owner_person_id_fkey" FOREIGN KEY ("owner_person_id") REFERENCES "persons"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_join_requests" ADD CONSTRAINT "group_join_requests_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_join_requests" ADD CONSTRAINT "group_join_requests_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "newsletters" ADD CONSTRAINT "newsletters_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Each snapshot and each change of a group writes its row: room on the page.
ALTER TABLE "groups" SET (fillfactor = 85);

SELECT "waypost_protect"('groups');
SELECT "waypost_protect"('group_members');
SELECT "waypost_protect"('group_join_requests');
SELECT "waypost_protect"('newsletters');
SELECT "waypost_limit"('groups');
SELECT "waypost_limit"('group_members', 'EXISTS (SELECT FROM groups seen WHERE seen.id = group_members.group_id)');
SELECT "waypost_limit"('group_join_requests', 'EXISTS (SELECT FROM groups seen WHERE seen.id = group_join_requests.group_id)');
SELECT "waypost_limit"('newsletters');

-- AlterTable
ALTER TABLE "engine_hosts" ADD COLUMN     "capacity" INTEGER NOT NULL DEFAULT 500;

-- AlterTable
ALTER TABLE "profile_connections" ADD COLUMN     "retry_at" TIMESTAMPTZ(3),
ADD COLUMN     "throttled" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "connect_pace" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "next_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "connect_pace_pkey" PRIMARY KEY ("id")
);

INSERT INTO "connect_pace" ("next_at") VALUES (now());

-- Of the installation, like engine_hosts: only system work sees it.
ALTER TABLE "connect_pace" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY "system" ON "connect_pace" USING ((SELECT current_setting('waypost.scope', true)) = 'system');

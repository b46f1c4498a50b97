-- CreateTable
CREATE TABLE "connection_settings" (
    "profile_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "device_name" TEXT,
    "device_platform" TEXT,
    "listening" JSONB NOT NULL DEFAULT '{}',
    "history" TEXT NOT NULL DEFAULT 'none',
    "proxy_sealed" BYTEA,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_settings_pkey" PRIMARY KEY ("profile_id")
);

-- AddForeignKey
ALTER TABLE "connection_settings" ADD CONSTRAINT "connection_settings_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT "waypost_protect"('connection_settings');
SELECT "waypost_limit"('connection_settings');

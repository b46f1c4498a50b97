-- The epoch is part of a unique index so that PostgreSQL treats a change of it as a change of key: a claim then conflicts
-- with the key-share locks of the owner's writes, while a renewal, which changes no key, does not wait for them.
CREATE UNIQUE INDEX "profile_leases_profile_id_epoch_key" ON "profile_leases"("profile_id", "epoch");

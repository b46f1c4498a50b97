-- In the order of their positions: an index with sender_id before the position gives no order for `sender_id is null`.
CREATE INDEX "broadcast_recipients_free_idx" ON "broadcast_recipients" ("broadcast_id", "position") WHERE "is_waiting" AND "sender_id" IS NULL;

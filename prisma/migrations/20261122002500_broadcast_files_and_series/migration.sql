-- AlterTable
ALTER TABLE "broadcasts" ADD COLUMN     "file_rows" INTEGER,
ADD COLUMN     "late_window_seconds" INTEGER NOT NULL DEFAULT 3600,
ADD COLUMN     "missed_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "starts_at" TIMESTAMPTZ(3),
ADD COLUMN     "writer_id" UUID,
ADD COLUMN     "writer_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "broadcast_recipients" ADD COLUMN     "line" INTEGER;

-- CreateIndex
CREATE UNIQUE INDEX "broadcasts_parent_id_scheduled_at_key" ON "broadcasts"("parent_id", "scheduled_at");

-- A number no longer sends for a broadcast: what waits for it is free for the others. What goes into a group needs one
-- that is in it, and is left out when none is.
CREATE FUNCTION "waypost_release_recipients"("of_broadcast" uuid, "gone" uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE broadcast_recipients r
     SET sender_id = other.id,
         is_waiting = other.id IS NOT NULL OR r.address NOT LIKE 'group:%',
         is_excluded = other.id IS NULL AND r.address LIKE 'group:%',
         state = CASE WHEN other.id IS NULL AND r.address LIKE 'group:%' THEN 'excluded' ELSE r.state END,
         reason = CASE WHEN other.id IS NULL AND r.address LIKE 'group:%' THEN 'no_sender' ELSE r.reason END,
         ended_at = CASE WHEN other.id IS NULL AND r.address LIKE 'group:%' THEN now() ELSE r.ended_at END
    FROM broadcast_recipients w
    LEFT JOIN LATERAL (
      SELECT s.profile_id AS id FROM broadcast_senders s
        JOIN groups g ON g.profile_id = s.profile_id AND g.wa_id = substr(w.address, 7) AND g.own_role IS NOT NULL
       WHERE w.address LIKE 'group:%' AND s.broadcast_id = of_broadcast AND s.profile_id <> gone
       ORDER BY s.position LIMIT 1) other ON true
   WHERE w.broadcast_id = of_broadcast AND w.is_waiting AND w.sender_id = gone
     AND r.broadcast_id = w.broadcast_id AND r.position = w.position;
END $$;

-- A profile is about to be deleted, with its outbox and its messages: its broadcasts end, and those of others go on
-- without it. Who deletes it need not see the broadcasts of other profiles that it sends for.
CREATE FUNCTION "waypost_leave_broadcasts"("leaving" uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  reach text := current_setting('waypost.reach', true);
BEGIN
  PERFORM set_config('waypost.reach', '', true);
  -- What waits of its own broadcasts at other numbers runs out at once.
  UPDATE outbox o SET lane = 1, expires_at = now()
    FROM broadcasts b
   WHERE b.profile_id = leaving AND o.batch_id = b.id AND o.profile_id <> leaving
     AND o.claimed_epoch IS NULL AND NOT o.wired;
  -- What it was given and nobody has taken on is free again. Of the rest nobody will ever hear whether it arrived.
  UPDATE broadcast_recipients r
     SET state = CASE WHEN given.free THEN 'pending' ELSE 'unknown' END,
         is_waiting = given.free,
         reason = CASE WHEN given.free THEN NULL ELSE 'sender_deleted' END,
         message_id = CASE WHEN given.free THEN NULL ELSE r.message_id END,
         attempts = r.attempts - given.free::int,
         ended_at = CASE WHEN given.free THEN NULL ELSE now() END
    FROM (SELECT o.message_id, o.claimed_epoch IS NULL AND NOT o.wired AS free FROM outbox o
           WHERE o.profile_id = leaving AND o.batch_id IS NOT NULL ORDER BY o.message_id FOR UPDATE) given
   WHERE r.message_id = given.message_id AND r.state = 'queued';
  PERFORM waypost_release_recipients(s.broadcast_id, leaving)
     FROM broadcast_senders s WHERE s.profile_id = leaving;
  PERFORM set_config('waypost.reach', coalesce(reach, ''), true);
END $$;

-- Each delivery is written to both tables, so each had an index more than its questions need.
DROP INDEX "webhook_queue_webhook_id_ordering_key_seq_idx";
ALTER TABLE "webhook_queue" DROP CONSTRAINT "webhook_queue_pkey",
  ADD CONSTRAINT "webhook_queue_pkey" PRIMARY KEY ("webhook_id", "ordering_key", "seq", "delivery_id");

DROP INDEX "webhook_attempts_delivery_id_attempt_idx";
ALTER TABLE "webhook_attempts" DROP CONSTRAINT "webhook_attempts_pkey",
  ADD CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("delivery_id", "id");

-- What a limited actor sees of these is looked into only where it is called, as for the connections of profiles: planned
-- into every statement, and set up with each, it cost those most who have no limits, the worker first of all.
CREATE FUNCTION "waypost_sees_webhook"("webhook" uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM webhooks WHERE id = webhook);
END $$;
CREATE FUNCTION "waypost_sees_delivery"("delivery" uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM webhook_deliveries WHERE id = delivery);
END $$;
SELECT "waypost_limit"(name::regclass, 'waypost_sees_webhook(webhook_id)')
  FROM unnest(ARRAY['webhook_deliveries', 'webhook_queue', 'webhook_lanes', 'webhook_redeliveries', 'webhook_hours'])
       AS name;
SELECT "waypost_limit"('webhook_attempts', 'waypost_sees_delivery(delivery_id)');

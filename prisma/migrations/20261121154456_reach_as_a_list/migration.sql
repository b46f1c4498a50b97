-- What a limited actor sees is worked out once, when the transaction opens (waypost.seen: the ids of visible profiles),
-- and not within each policy: planning a look into profiles with every statement cost those most who have no limits.
CREATE OR REPLACE FUNCTION "waypost_limit"("target" regclass, "visible" text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP POLICY IF EXISTS reach ON %s', target);
  EXECUTE format($policy$
    CREATE POLICY reach ON %s AS RESTRICTIVE USING (
      (SELECT current_setting('waypost.reach', true)) IS DISTINCT FROM 'limited' OR (%s)
    )$policy$, target,
    coalesce(visible,
      $seen$profile_id = ANY (coalesce((SELECT nullif(current_setting('waypost.seen', true), '')::uuid[]), '{}'))$seen$));
END $$;

SELECT "waypost_limit"(name::regclass) FROM unnest(ARRAY[
  'batches', 'contacts', 'conversations', 'engine_credentials', 'engine_keys', 'inbox_journal', 'media_downloads',
  'message_keys', 'messages', 'outbox', 'sent_protos', 'webhooks'
]) AS name;

-- These come into being together with their profile, which is not among the seen ones then. A function, because it is
-- looked into only where it is called: for limited actors.
CREATE FUNCTION "waypost_sees_profile"("profile" uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM profiles WHERE id = profile);
END $$;
SELECT "waypost_limit"('profile_connections', 'waypost_sees_profile(profile_id)');
SELECT "waypost_limit"('profile_leases', 'waypost_sees_profile(profile_id)');

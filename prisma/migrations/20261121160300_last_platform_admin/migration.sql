-- Whether an active administrator of the installation is left when this one goes; true also when nobody else is left at
-- all, since the next who registers becomes one. It looks at all organizations, whichever the caller works in, and makes
-- callers wait for each other until the end of their transactions: two administrators must not both believe in the other.
CREATE FUNCTION "waypost_administered_without"("leaving" uuid)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  scope text := coalesce(current_setting('waypost.scope', true), '');
  is_administered boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waypost platform administrators'));
  PERFORM set_config('waypost.scope', 'system', true);
  is_administered := EXISTS (SELECT FROM users WHERE is_platform_admin AND is_active AND id <> leaving)
                  OR NOT EXISTS (SELECT FROM users WHERE id <> leaving);
  PERFORM set_config('waypost.scope', scope, true);
  RETURN is_administered;
END $$;

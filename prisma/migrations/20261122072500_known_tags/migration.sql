-- How a profile writes a tag, by any contact that has it; null when nobody does. A function for its settings: a plan goes
-- by statistics, which are old while a file is imported, and with them an import read all tags of the profile for each of
-- its rows. So the index is asked whatever they say.
CREATE FUNCTION "waypost_known_tag"("profile" uuid, "key" text) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
BEGIN
  RETURN (SELECT t.tag FROM contact_tags t WHERE t.profile_id = profile AND t.tag_key = key
           ORDER BY t.tag_key, t.contact_id LIMIT 1);
END $$;

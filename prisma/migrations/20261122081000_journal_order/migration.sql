-- Messages that arrive together are one commit, and are replayed in the order of this column: with milliseconds they would
-- all be the same moment. More digits change no row.
ALTER TABLE "inbox_journal" ALTER COLUMN "created_at" TYPE timestamptz(6);

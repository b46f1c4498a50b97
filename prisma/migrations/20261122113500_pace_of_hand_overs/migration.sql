-- Hosts take turns for letting go of numbers as they do for connecting.
INSERT INTO "connect_pace" ("id", "next_at") VALUES (2, now());

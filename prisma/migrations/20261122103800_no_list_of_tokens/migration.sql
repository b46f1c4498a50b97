-- Baileys' list of all privacy tokens of a number, which grew with each contact, is not kept any more (token-index.ts).
DELETE FROM "engine_keys" WHERE "type" = 'tctoken' AND "key_id" = '__index';

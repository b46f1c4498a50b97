-- Answers with a secret (a new API key) must not lie in the table as plain text.
alter table "idempotency_keys" drop column "response_body", add column "response_sealed" bytea;

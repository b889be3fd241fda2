-- What was answered to a POST with an Idempotency-Key: found again by a hash, opened by the key alone.
CREATE TABLE idempotency_keys (
  hash bytea NOT NULL,
  body_hash bytea NOT NULL,
  sealed_answer bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (hash)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- The audit: through which API key, what became what, and a place in a chain that shows what was touched afterwards.

DROP INDEX "audit_resource_id_idx";

ALTER TABLE "audit"
  ADD COLUMN "api_key_id" UUID,
  ADD COLUMN "details" JSONB,
  ADD COLUMN "position" BIGINT,
  ADD COLUMN "hash" BYTEA;

CREATE TABLE "audit_head" (
    "position" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("position")
);

-- One for each filter of the list, in the order of the list.
CREATE UNIQUE INDEX "audit_position_key" ON "audit"("position");
CREATE INDEX "audit_at_id_idx" ON "audit"("at", "id");
CREATE INDEX "audit_user_id_at_id_idx" ON "audit"("user_id", "at", "id");
CREATE INDEX "audit_session_id_at_id_idx" ON "audit"("session_id", "at", "id");
CREATE INDEX "audit_api_key_id_at_id_idx" ON "audit"("api_key_id", "at", "id");
CREATE INDEX "audit_action_at_id_idx" ON "audit"("action", "at", "id");
CREATE INDEX "audit_resource_at_id_idx" ON "audit"("resource", "at", "id");
CREATE INDEX "audit_resource_id_at_id_idx" ON "audit"("resource_id", "at", "id");

-- ---- Beyond Prisma ---------------------------------------------------------------------------------------------------

-- What waits for its place.
CREATE INDEX audit_unsealed ON audit (at, id) WHERE position IS NULL;

ALTER TABLE audit
  ADD CONSTRAINT audit_sealed_whole CHECK ((position IS NULL) = (hash IS NULL)),
  ADD CONSTRAINT audit_hash_is_sha256 CHECK (octet_length(hash) = 32);

-- One row: where the chain ends. A chain begins after 32 bytes of zero.
ALTER TABLE audit_head ADD CONSTRAINT audit_head_is_sha256 CHECK (octet_length(hash) = 32);
CREATE UNIQUE INDEX audit_head_one_row ON audit_head ((true));
INSERT INTO audit_head (position, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Rows come without a place, get one once, and are never changed or deleted, whoever asks. *= compares byte by byte.
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.position IS NULL AND NEW.hash IS NULL THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF OLD.position IS NULL AND NEW.position IS NOT NULL THEN
      OLD.position := NEW.position;
      OLD.hash := NEW.hash;
      IF OLD *= NEW THEN RETURN NEW; END IF;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_only_grows BEFORE INSERT OR UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

CREATE FUNCTION audit_head_only_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.position > OLD.position THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'the head of the audit only moves on' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_head_only_moves_on BEFORE UPDATE OR DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_only_moves_on();
CREATE TRIGGER audit_head_not_emptied BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_head_only_moves_on();

-- API keys: what a program comes with, in the name of a person. The first part is what `schema.prisma` says.

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "last_used_from" TEXT,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "api_keys_newest_of" ON "api_keys"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "api_keys_newest" ON "api_keys"("created_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---- Beyond Prisma ---------------------------------------------------------------------------------------------------

-- A key without scopes would be good for nothing, and one kept as it is would be a secret in the open.
ALTER TABLE "api_keys"
  ADD CONSTRAINT "api_keys_scopes" CHECK (coalesce(cardinality("scopes"), 0) > 0),
  ADD CONSTRAINT "api_keys_hash" CHECK (octet_length("key_hash") = 32);

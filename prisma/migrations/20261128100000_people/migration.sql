-- Where somebody is signed in, one-time links to set a password, and people of an OpenID Connect issuer.

-- Told at sign-in, in words: what a browser says of itself is not kept.
ALTER TABLE "sessions" ADD COLUMN "device" TEXT, ADD COLUMN "network" TEXT;

-- A person has few open sessions and, in time, many that are over.
CREATE INDEX sessions_open ON sessions (user_id, created_at, id) WHERE ended_at IS NULL;

-- Tokens of an issuer have no session that could be ended.
ALTER TABLE "users" ADD COLUMN "tokens_after" TIMESTAMPTZ(3);

-- Ending what a person is signed in with changes nothing of what is told of them.
DROP TRIGGER users_touch ON users;
CREATE TRIGGER users_touch BEFORE UPDATE OF email, name, role, password_hash, disabled_at ON users
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();

CREATE TYPE "PasswordLinkPurpose" AS ENUM ('invitation', 'reset');

CREATE TABLE "password_links" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "purpose" "PasswordLinkPurpose" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "password_links_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "password_links_token" ON "password_links"("token_hash");
ALTER TABLE "password_links" ADD CONSTRAINT "password_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One link of a person works at most.
CREATE UNIQUE INDEX password_links_open ON password_links (user_id) WHERE used_at IS NULL AND revoked_at IS NULL;

CREATE TABLE "identities" (
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "token_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "identities_pkey" PRIMARY KEY ("issuer", "subject")
);
-- An address that the issuer has given to somebody else meanwhile does not lead to the person who had it.
CREATE UNIQUE INDEX "identities_user" ON "identities"("user_id", "issuer");
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

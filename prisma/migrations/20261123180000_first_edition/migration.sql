-- The first edition of Dateline's tables. The first part is what `schema.prisma` says; from "Beyond Prisma" on it is
-- what Prisma's language has no words for.

-- CreateEnum
CREATE TYPE "role" AS ENUM ('contributor', 'author', 'editor', 'admin');

-- CreateEnum
CREATE TYPE "stage" AS ENUM ('draft', 'in_review', 'ready');

-- CreateEnum
CREATE TYPE "tag_kind" AS ENUM ('topic', 'person', 'organisation', 'place', 'section', 'series');

-- CreateEnum
CREATE TYPE "channel" AS ENUM ('x', 'facebook', 'telegram', 'whatsapp', 'linkedin', 'reddit', 'bluesky', 'threads', 'email', 'copy', 'qr', 'other');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "password_hash" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "hash" BYTEA NOT NULL,
    "session_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "used_at" TIMESTAMPTZ(3),
    "sealed_successor" BYTEA,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "sealed_private" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "settings" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "authors" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "bios" JSONB NOT NULL DEFAULT '{}',
    "image" JSONB,
    "links" JSONB NOT NULL DEFAULT '[]',
    "user_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "authors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tags" (
    "id" UUID NOT NULL,
    "kind" "tag_kind" NOT NULL,
    "slug" TEXT NOT NULL,
    "names" JSONB NOT NULL,
    "descriptions" JSONB NOT NULL DEFAULT '{}',
    "parent_id" UUID,
    "aliases" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tag_slugs" (
    "slug" TEXT NOT NULL,
    "tag_id" UUID NOT NULL,

    CONSTRAINT "tag_slugs_slug" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "articles" (
    "id" UUID NOT NULL,
    "story_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "slug_generated" BOOLEAN NOT NULL DEFAULT false,
    "headline" TEXT NOT NULL,
    "kicker" TEXT NOT NULL DEFAULT '',
    "standfirst" TEXT NOT NULL DEFAULT '',
    "body" JSON NOT NULL DEFAULT '[]',
    "source" JSON,
    "image" JSON,
    "dateline" TEXT NOT NULL DEFAULT '',
    "breaking" BOOLEAN NOT NULL DEFAULT false,
    "accessible_for_free" BOOLEAN NOT NULL DEFAULT true,
    "sensitive" BOOLEAN NOT NULL DEFAULT false,
    "seo" JSON NOT NULL,
    "rights" JSON,
    "word_count" INTEGER NOT NULL DEFAULT 0,
    "content_hash" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "stage" "stage" NOT NULL DEFAULT 'draft',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "trashed_at" TIMESTAMPTZ(3),

    CONSTRAINT "articles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "article_tags" (
    "article_id" UUID NOT NULL,
    "tag_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "article_tags_pkey" PRIMARY KEY ("article_id","tag_id")
);

-- CreateTable
CREATE TABLE "article_authors" (
    "article_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "article_authors_pkey" PRIMARY KEY ("article_id","author_id")
);

-- CreateTable
CREATE TABLE "revisions" (
    "article_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "content" JSON NOT NULL,
    "content_hash" TEXT NOT NULL,
    "message" TEXT,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "revisions_pkey" PRIMARY KEY ("article_id","version")
);

-- CreateTable
CREATE TABLE "publications" (
    "id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "story_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "live_from" TIMESTAMPTZ(3) NOT NULL,
    "live_until" TIMESTAMPTZ(3),
    "planned_until" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3) NOT NULL,
    "headline" TEXT NOT NULL,
    "kicker" TEXT NOT NULL,
    "standfirst" TEXT NOT NULL,
    "body" JSON NOT NULL,
    "body_html" TEXT NOT NULL,
    "body_text" TEXT NOT NULL,
    "source" JSON,
    "image" JSON,
    "dateline" TEXT NOT NULL,
    "breaking" BOOLEAN NOT NULL,
    "accessible_for_free" BOOLEAN NOT NULL,
    "sensitive" BOOLEAN NOT NULL,
    "seo" JSON NOT NULL,
    "rights" JSON,
    "word_count" INTEGER NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "publications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "publication_tags" (
    "publication_id" UUID NOT NULL,
    "tag_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "article_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "publication_tags_pkey" PRIMARY KEY ("publication_id","tag_id")
);

-- CreateTable
CREATE TABLE "publication_authors" (
    "publication_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "article_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "publication_authors_pkey" PRIMARY KEY ("publication_id","author_id")
);

-- CreateTable
CREATE TABLE "sites" (
    "locale" TEXT NOT NULL,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "article_url" TEXT NOT NULL,
    "fallbacks" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "document" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "sites_pkey" PRIMARY KEY ("locale")
);

-- CreateTable
CREATE TABLE "share_links" (
    "id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "channel" "channel" NOT NULL,
    "campaign" TEXT NOT NULL DEFAULT '',
    "utm" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "note" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "share_links_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "share_codes" (
    "code" TEXT NOT NULL,
    "share_link_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "share_codes_code" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "share_link_clicks" (
    "share_link_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "clicks" BIGINT NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "share_link_clicks_pkey" PRIMARY KEY ("share_link_id","hour")
);

-- CreateTable
CREATE TABLE "events" (
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "subject_id" UUID,
    "payload" JSONB NOT NULL,
    "surrogate_keys" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "user_id" UUID,
    "session_id" UUID,
    "action" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "resource_id" UUID,
    "fields" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "network" TEXT,
    "request_id" TEXT,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_session_id_idx" ON "refresh_tokens"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "authors_slug" ON "authors"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "authors_user" ON "authors"("user_id");

-- CreateIndex
CREATE INDEX "tags_parent_id_idx" ON "tags"("parent_id");

-- CreateIndex
CREATE INDEX "tag_slugs_tag_id_idx" ON "tag_slugs"("tag_id");

-- CreateIndex
CREATE INDEX "articles_by_update" ON "articles"("updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "articles_by_creation" ON "articles"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "articles_story_id_idx" ON "articles"("story_id");

-- CreateIndex
CREATE INDEX "articles_created_by_idx" ON "articles"("created_by");

-- CreateIndex
CREATE INDEX "article_tags_tag_id_idx" ON "article_tags"("tag_id");

-- CreateIndex
CREATE INDEX "article_authors_author_id_idx" ON "article_authors"("author_id");

-- CreateIndex
CREATE INDEX "publications_article_id_live_from_idx" ON "publications"("article_id", "live_from");

-- CreateIndex
CREATE INDEX "publications_story_id_idx" ON "publications"("story_id");

-- CreateIndex
CREATE INDEX "publications_newest" ON "publications"("locale", "published_at" DESC, "article_id" DESC);

-- CreateIndex
CREATE INDEX "publication_tags_newest" ON "publication_tags"("tag_id", "locale", "published_at" DESC, "article_id" DESC);

-- CreateIndex
CREATE INDEX "publication_authors_newest" ON "publication_authors"("author_id", "locale", "published_at" DESC, "article_id" DESC);

-- CreateIndex
CREATE INDEX "share_links_article_id_idx" ON "share_links"("article_id");

-- CreateIndex
CREATE INDEX "share_links_by_creation" ON "share_links"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "share_links_code" ON "share_links"("code");

-- CreateIndex
CREATE INDEX "events_subject_id_idx" ON "events"("subject_id");

-- CreateIndex
CREATE INDEX "audit_resource_id_idx" ON "audit"("resource_id");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authors" ADD CONSTRAINT "authors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tags" ADD CONSTRAINT "tags_parent" FOREIGN KEY ("parent_id") REFERENCES "tags"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_slugs" ADD CONSTRAINT "tag_slugs_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "articles" ADD CONSTRAINT "articles_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "article_tags" ADD CONSTRAINT "article_tags_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "article_tags" ADD CONSTRAINT "article_tags_tag" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "article_authors" ADD CONSTRAINT "article_authors_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "article_authors" ADD CONSTRAINT "article_authors_author" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publications" ADD CONSTRAINT "publications_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publication_tags" ADD CONSTRAINT "publication_tags_publication_id_fkey" FOREIGN KEY ("publication_id") REFERENCES "publications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publication_authors" ADD CONSTRAINT "publication_authors_publication_id_fkey" FOREIGN KEY ("publication_id") REFERENCES "publications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_article" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share_link_clicks" ADD CONSTRAINT "share_link_clicks_share_link_id_fkey" FOREIGN KEY ("share_link_id") REFERENCES "share_links"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

-- Equality of uuid and text inside a GiST index, for the timeline's exclusion constraints.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- ---- The timeline ----------------------------------------------------------------------------------------------------

-- An empty range overlaps nothing, so the exclusion constraints would let it pass.
ALTER TABLE publications
  ADD CONSTRAINT publications_not_empty CHECK (live_until > live_from),
  ADD CONSTRAINT publications_within_plan CHECK (planned_until IS NULL OR (live_until IS NOT NULL AND live_until <= planned_until)),
  ADD CONSTRAINT publications_revision FOREIGN KEY (article_id, version) REFERENCES revisions (article_id, version) ON DELETE CASCADE;

-- Deferrable, and so checked at the end of a statement: one UPDATE may move the boundary between two neighbours.
ALTER TABLE publications
  ADD CONSTRAINT publications_one_per_article
    EXCLUDE USING gist (article_id WITH =, tstzrange(live_from, live_until) WITH &&) DEFERRABLE INITIALLY IMMEDIATE,
  ADD CONSTRAINT publications_one_per_slug
    EXCLUDE USING gist (locale WITH =, slug WITH =, tstzrange(live_from, live_until) WITH &&) DEFERRABLE INITIALLY IMMEDIATE;

-- Reading by slug: the live row and the former ones.
CREATE INDEX publications_by_slug ON publications (locale, slug, live_from DESC);

-- ---- Articles --------------------------------------------------------------------------------------------------------

-- Exclusion constraints, because a unique one can be either partial or deferrable: the trash frees slug and story,
-- and one UPDATE may swap the slugs of two articles.
ALTER TABLE articles
  ADD CONSTRAINT articles_slug EXCLUDE USING btree (locale WITH =, slug WITH =) WHERE (trashed_at IS NULL) DEFERRABLE INITIALLY IMMEDIATE,
  ADD CONSTRAINT articles_story EXCLUDE USING btree (story_id WITH =, locale WITH =) WHERE (trashed_at IS NULL) DEFERRABLE INITIALLY IMMEDIATE;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER revisions_immutable BEFORE UPDATE ON revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The database's clock says when something changed, on every instance alike.
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := date_trunc('milliseconds', clock_timestamp());
  RETURN NEW;
END $$;

CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
CREATE TRIGGER authors_touch BEFORE UPDATE ON authors FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
CREATE TRIGGER tags_touch BEFORE UPDATE ON tags FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
-- Always: json has no equality to compare rows by, and nothing updates an article without changing it.
CREATE TRIGGER articles_touch BEFORE UPDATE ON articles FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER sites_touch BEFORE UPDATE ON sites FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
CREATE TRIGGER share_links_touch BEFORE UPDATE ON share_links FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();

-- ---- Tags ------------------------------------------------------------------------------------------------------------

-- A slug or an alias belongs to one tag: the primary key of tag_slugs is the judge.
CREATE FUNCTION keep_tag_slugs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM tag_slugs WHERE tag_id = NEW.id AND slug <> ALL (NEW.aliases || NEW.slug);
  INSERT INTO tag_slugs (slug, tag_id)
    SELECT s, NEW.id FROM unnest(NEW.aliases || NEW.slug) AS s
    WHERE NOT EXISTS (SELECT FROM tag_slugs t WHERE t.slug = s AND t.tag_id = NEW.id);
  RETURN NULL;
END $$;

CREATE TRIGGER tags_keep_slugs AFTER INSERT OR UPDATE OF slug, aliases ON tags FOR EACH ROW EXECUTE FUNCTION keep_tag_slugs();

-- Changes of parents go one after another (the lock), so that two of them cannot close a circle together. Each query
-- of the function sees what was committed before it began, also while the lock was waited for.
CREATE FUNCTION refuse_tag_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('dateline:tag-parents'));
  IF NEW.parent_id = NEW.id OR EXISTS (
    WITH RECURSIVE above AS (
      SELECT id, parent_id FROM tags WHERE id = NEW.parent_id
      UNION SELECT t.id, t.parent_id FROM tags t JOIN above a ON t.id = a.parent_id
    ) SELECT FROM above WHERE id = NEW.id
  ) THEN
    -- Prisma passes on the message only: the constraint is named there too.
    RAISE EXCEPTION 'a tag cannot be above itself: constraint "tags_no_cycle"' USING ERRCODE = 'check_violation', CONSTRAINT = 'tags_no_cycle';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER tags_no_cycle BEFORE INSERT OR UPDATE OF parent_id ON tags
  FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION refuse_tag_cycle();

-- ---- Sites -----------------------------------------------------------------------------------------------------------

CREATE UNIQUE INDEX sites_one_default ON sites (is_default) WHERE is_default;

-- ---- Share links -----------------------------------------------------------------------------------------------------

-- One living link per article, channel and campaign: creating is finding.
CREATE UNIQUE INDEX share_links_twin ON share_links (article_id, channel, campaign) WHERE archived_at IS NULL;

-- A code stays with its link for ever, also after the link took another one.
CREATE FUNCTION keep_share_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO share_codes (code, share_link_id) SELECT NEW.code, NEW.id
    WHERE NOT EXISTS (SELECT FROM share_codes c WHERE c.code = NEW.code AND c.share_link_id = NEW.id);
  RETURN NULL;
END $$;

CREATE TRIGGER share_links_keep_code AFTER INSERT OR UPDATE OF code ON share_links FOR EACH ROW EXECUTE FUNCTION keep_share_code();

-- ---- What the reading side may see -----------------------------------------------------------------------------------

CREATE VIEW public_tags AS SELECT id, kind, slug, names, descriptions, parent_id, aliases FROM tags;
CREATE VIEW public_tag_slugs AS SELECT slug, tag_id FROM tag_slugs;
CREATE VIEW public_authors AS SELECT id, slug, name, bios, image, links FROM authors;
CREATE VIEW public_sites AS SELECT locale, is_default, article_url, fallbacks, document FROM sites;
CREATE VIEW public_share_links AS
  SELECT c.code, l.id, l.article_id, l.channel, l.campaign, l.utm, l.expires_at, l.archived_at
  FROM share_codes c JOIN share_links l ON l.id = c.share_link_id;

-- ---- What the editing side says of an article's place on the timeline --------------------------------------------------

-- One row per article that has ever been on the timeline: the live row, else the next scheduled, else the last one.
CREATE VIEW article_publications AS
  SELECT DISTINCT ON (p.article_id) p.article_id,
    CASE WHEN p.live_from > clock_timestamp() THEN 'scheduled'
         WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live'
         ELSE 'ended' END AS state,
    p.live_from, p.live_until, p.version, p.content_hash
  FROM publications p
  ORDER BY p.article_id,
    (p.live_from <= clock_timestamp() AND (p.live_until IS NULL OR p.live_until > clock_timestamp())) DESC,
    (p.live_from > clock_timestamp()) DESC,
    CASE WHEN p.live_from > clock_timestamp() THEN p.live_from END ASC,
    p.live_from DESC;

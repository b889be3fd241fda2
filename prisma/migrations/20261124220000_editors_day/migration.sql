-- The editor's day: withdrawing, corrections, stages, previews, merged tags, lists, redirects. The first part is what
-- `schema.prisma` says; from "Beyond Prisma" on it is what Prisma's language has no words for.

-- AlterTable
ALTER TABLE "articles" ADD COLUMN "withdrawn_at" TIMESTAMPTZ(3), ADD COLUMN "withdrawn_reason" TEXT;

-- AlterTable
ALTER TABLE "revisions" ADD COLUMN "restored_from" INTEGER;

-- AlterTable
ALTER TABLE "publications" ADD COLUMN "correction" TEXT,
  ADD COLUMN "minor" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "withdrawn" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "stage_moves" (
    "id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "from_stage" "stage" NOT NULL,
    "to_stage" "stage" NOT NULL,
    "note" TEXT,
    "moved_by" UUID NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "stage_moves_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "preview_links" (
    "id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "version" INTEGER,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "max_uses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "last_used_at" TIMESTAMPTZ(3),
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "preview_links_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tag_merges" (
    "from_id" UUID NOT NULL,
    "into_id" UUID NOT NULL,
    "merged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "tag_merges_pkey" PRIMARY KEY ("from_id")
);

-- CreateTable
CREATE TABLE "lists" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "titles" JSONB NOT NULL DEFAULT '{}',
    "size" INTEGER NOT NULL,
    "tail" BOOLEAN NOT NULL DEFAULT false,
    "tail_tag_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "lists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "list_items" (
    "list_id" UUID NOT NULL,
    "story_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "pinned_until" TIMESTAMPTZ(3),

    CONSTRAINT "list_items_pkey" PRIMARY KEY ("list_id","story_id")
);

-- CreateTable
CREATE TABLE "redirects" (
    "id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "story_id" UUID,
    "target" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "redirects_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "stage_moves_newest" ON "stage_moves"("article_id", "moved_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "preview_links_token" ON "preview_links"("token_hash");

-- CreateIndex
CREATE INDEX "preview_links_newest" ON "preview_links"("article_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "tag_merges_into_id_idx" ON "tag_merges"("into_id");

-- CreateIndex
CREATE UNIQUE INDEX "lists_slug" ON "lists"("slug");

-- CreateIndex
CREATE INDEX "lists_tail_tag_id_idx" ON "lists"("tail_tag_id");

-- CreateIndex
CREATE UNIQUE INDEX "redirects_path" ON "redirects"("path");

-- CreateIndex
CREATE INDEX "redirects_story_id_idx" ON "redirects"("story_id");

-- AddForeignKey
ALTER TABLE "stage_moves" ADD CONSTRAINT "stage_moves_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "preview_links" ADD CONSTRAINT "preview_links_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "articles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "preview_links" ADD CONSTRAINT "preview_links_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_merges" ADD CONSTRAINT "tag_merges_into_id_fkey" FOREIGN KEY ("into_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lists" ADD CONSTRAINT "lists_tail_tag" FOREIGN KEY ("tail_tag_id") REFERENCES "tags"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "list_items" ADD CONSTRAINT "list_items_list_id_fkey" FOREIGN KEY ("list_id") REFERENCES "lists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Until now nothing kept a tag or author from going while an old revision that has it was being published.
DELETE FROM publication_tags x WHERE NOT EXISTS (SELECT FROM tags t WHERE t.id = x.tag_id);
DELETE FROM publication_authors x WHERE NOT EXISTS (SELECT FROM authors a WHERE a.id = x.author_id);

-- AddForeignKey
ALTER TABLE "publication_tags" ADD CONSTRAINT "publication_tags_tag" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publication_authors" ADD CONSTRAINT "publication_authors_author" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

ALTER TABLE articles ADD CONSTRAINT articles_withdrawn_reason CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL));
ALTER TABLE lists ADD CONSTRAINT lists_tail CHECK (tail OR tail_tag_id IS NULL);
ALTER TABLE redirects ADD CONSTRAINT redirects_one_target CHECK ((story_id IS NULL) <> (target IS NULL));
ALTER TABLE preview_links ADD CONSTRAINT preview_links_within_uses CHECK (uses <= max_uses);

CREATE TRIGGER lists_touch BEFORE UPDATE ON lists FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
CREATE TRIGGER redirects_touch BEFORE UPDATE ON redirects FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();

-- Sealed successors live for ten seconds: those to erase are found without reading all tokens there ever were.
CREATE INDEX refresh_tokens_sealed ON refresh_tokens (used_at) WHERE sealed_successor IS NOT NULL;

-- Corrections are few: reading those of an article touches an index that holds nothing else.
CREATE INDEX publications_corrections ON publications (article_id, live_from) WHERE correction IS NOT NULL;

-- ---- The content hash, without tags ----------------------------------------------------------------------------------

-- Merging tags changes those of working copies and publications alike, in SQL, so tags are compared as they are in the
-- tables and are no part of the hash. This is `hashOf` in src/articles/content.ts: the text of the members as kept.
ALTER TABLE revisions DISABLE TRIGGER revisions_immutable;
UPDATE revisions SET content_hash = rtrim(translate(encode(sha256(convert_to('[' || concat_ws(',',
    content -> 'headline', content -> 'kicker', content -> 'standfirst', content -> 'body', content -> 'slug',
    content -> 'authors', content -> 'source', content -> 'image', content -> 'dateline', content -> 'breaking',
    content -> 'accessibleForFree', content -> 'sensitive', content -> 'seo', content -> 'rights') || ']', 'UTF8')),
  'base64'), '+/', '-_'), '=');
ALTER TABLE revisions ENABLE TRIGGER revisions_immutable;
UPDATE publications p SET content_hash = r.content_hash FROM revisions r WHERE r.article_id = p.article_id AND r.version = p.version;
ALTER TABLE articles DISABLE TRIGGER articles_touch;
UPDATE articles a SET content_hash = r.content_hash FROM revisions r WHERE r.article_id = a.id AND r.version = a.version;
ALTER TABLE articles ENABLE TRIGGER articles_touch;

-- ---- What the reading side may see -----------------------------------------------------------------------------------

CREATE VIEW public_lists AS SELECT id, slug, titles, size, tail, tail_tag_id FROM lists;
CREATE VIEW public_list_items AS SELECT list_id, story_id, position, pinned_until FROM list_items;
CREATE VIEW public_redirects AS SELECT path, story_id, target FROM redirects;

-- ---- What the editing side says of an article's place on the timeline --------------------------------------------------

-- As before, and which publication it is.
CREATE OR REPLACE VIEW article_publications AS
  SELECT DISTINCT ON (p.article_id) p.article_id,
    CASE WHEN p.live_from > clock_timestamp() THEN 'scheduled'
         WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live'
         ELSE 'ended' END AS state,
    p.live_from, p.live_until, p.version, p.content_hash, p.id AS publication_id
  FROM publications p
  ORDER BY p.article_id,
    (p.live_from <= clock_timestamp() AND (p.live_until IS NULL OR p.live_until > clock_timestamp())) DESC,
    (p.live_from > clock_timestamp()) DESC,
    CASE WHEN p.live_from > clock_timestamp() THEN p.live_from END ASC,
    p.live_from DESC;

-- The change feed: events and due moments get their place, and readers are told what changed of what is live. The first
-- part is what `schema.prisma` says; from "Beyond Prisma" on it is what Prisma's language has no words for.

-- AlterTable
ALTER TABLE "events" ADD COLUMN "number" BIGSERIAL NOT NULL,
  ADD COLUMN "position" BIGINT,
  ADD COLUMN "sequenced_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "changes" (
    "position" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "article_id" UUID NOT NULL,
    "story_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "changes_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "announced" (
    "article_id" UUID NOT NULL,
    "publication_id" UUID,
    "story_id" UUID,
    "locale" TEXT,
    "slug" TEXT,
    "through" TIMESTAMPTZ(3) NOT NULL,
    "next_at" TIMESTAMPTZ(3),
    "change" BIGINT,
    "last_at" TIMESTAMPTZ(3),

    CONSTRAINT "announced_pkey" PRIMARY KEY ("article_id")
);

-- CreateTable
CREATE TABLE "feed" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL,
    "change" BIGINT NOT NULL,
    "trimmed" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "feed_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "events_position" ON "events"("position");

-- CreateIndex
CREATE INDEX "events_sequenced_at_idx" ON "events"("sequenced_at");

-- CreateIndex
CREATE INDEX "changes_by_locale" ON "changes"("locale", "position");

-- CreateIndex
CREATE INDEX "changes_told_at_idx" ON "changes"("told_at");

-- CreateIndex
CREATE INDEX "announced_publication_id_idx" ON "announced"("publication_id");

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

ALTER TABLE changes
  ADD CONSTRAINT changes_reason CHECK (
    (type = 'upsert' AND reason IN ('published', 'corrected', 'tags')) OR (type = 'remove' AND reason IN ('ended', 'withdrawn'))
  );
ALTER TABLE announced ADD CONSTRAINT announced_whole CHECK (
  num_nulls(publication_id, story_id, locale, slug) IN (0, 4) AND (publication_id IS NULL OR change IS NOT NULL)
);
ALTER TABLE feed ADD CONSTRAINT feed_one_row CHECK (id = 1);

-- What has no place yet, and which articles have a moment to come: as small as there is work to do.
CREATE INDEX events_unsequenced ON events (number) WHERE position IS NULL;
CREATE INDEX announced_next ON announced (next_at) WHERE next_at IS NOT NULL;

-- ---- What was there before -------------------------------------------------------------------------------------------

-- Altering the table has waited for whoever was writing events: all of theirs are here. Moments after the beginning of
-- this transaction are told by the sequencer.
UPDATE events SET position = number, sequenced_at = at;

INSERT INTO changes (position, type, reason, article_id, story_id, locale, slug, at)
  SELECT row_number() OVER (ORDER BY p.live_from, p.id), 'upsert', 'published', p.article_id, p.story_id, p.locale, p.slug, p.live_from
  FROM publications p
  WHERE NOT p.withdrawn AND p.live_from <= date_trunc('milliseconds', now())
    AND (p.live_until IS NULL OR p.live_until > date_trunc('milliseconds', now()));

INSERT INTO announced (article_id, publication_id, story_id, locale, slug, through, next_at, change, last_at)
  SELECT a.article_id, l.id, l.story_id, l.locale, l.slug, a.through, a.next_at, c.position, c.at
  FROM (
    SELECT article_id, date_trunc('milliseconds', now()) AS through,
      least(min(live_from) FILTER (WHERE live_from > date_trunc('milliseconds', now())),
        min(live_until) FILTER (WHERE live_until > date_trunc('milliseconds', now()))) AS next_at
    FROM publications GROUP BY article_id
  ) a
  LEFT JOIN changes c ON c.article_id = a.article_id
  LEFT JOIN publications l ON l.article_id = c.article_id AND l.live_from = c.at;

INSERT INTO feed (id, position, change)
  SELECT 1, coalesce((SELECT max(position) FROM events), 0), coalesce((SELECT max(position) FROM changes), 0);

-- ---- What the reading side may see -----------------------------------------------------------------------------------

CREATE VIEW public_changes AS SELECT position, type, reason, article_id, story_id, locale, slug, at FROM changes;
CREATE VIEW public_feed AS SELECT change AS head, trimmed FROM feed;

-- Listing: every order and filter is a walk down one index, and views are counted by the hour. The first part is what
-- `schema.prisma` says; from "Beyond Prisma" on it is what Prisma's language has no words for.

-- AlterTable
ALTER TABLE "publications" ADD COLUMN "updated_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "article_views" (
    "article_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "views" BIGINT NOT NULL,
    "locale" TEXT NOT NULL,

    CONSTRAINT "article_views_pkey" PRIMARY KEY ("article_id","hour")
);

-- CreateIndex
CREATE INDEX "article_views_most" ON "article_views"("locale", "hour", "views" DESC, "article_id");

-- CreateIndex
CREATE INDEX "tags_by_slug" ON "tags"("slug");

-- DropIndex
DROP INDEX "publications_newest";

-- DropIndex
DROP INDEX "publication_tags_newest";

-- DropIndex
DROP INDEX "publication_authors_newest";

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

-- ---- When readers are told an article was updated ----------------------------------------------------------------------

-- A publication's own beginning; a minor one keeps the time of the last before it that was not, else of the first. Nothing
-- of this is in the search, whose trigger would wait for the end, and Postgres alters no table that a trigger waits for.
ALTER TABLE publications DISABLE TRIGGER publications_keep_search;
UPDATE publications p SET updated_at = told.moment FROM (
  SELECT id, CASE WHEN minor
    THEN coalesce(max(live_from) FILTER (WHERE NOT minor) OVER (PARTITION BY article_id ORDER BY live_from), published_at)
    ELSE live_from END AS moment
  FROM publications) told
WHERE told.id = p.id;
ALTER TABLE publications ENABLE TRIGGER publications_keep_search;

-- The default is for those who insert: what it says is put right by the trigger before the row is there.
ALTER TABLE publications ALTER COLUMN updated_at SET DEFAULT clock_timestamp(), ALTER COLUMN updated_at SET NOT NULL;

CREATE FUNCTION tell_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := NEW.live_from;
  RETURN NEW;
END $$;

CREATE TRIGGER publications_tell_update BEFORE INSERT OR UPDATE OF live_from, minor, published_at ON publications
  FOR EACH ROW EXECUTE FUNCTION tell_update();

-- Minor ones depend on their neighbours. Articles that have none, nearly all, cost one look into an index of the others.
CREATE INDEX publications_minor ON publications (article_id) WHERE minor;

CREATE FUNCTION tell_minor_updates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  article CONSTANT uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.article_id ELSE NEW.article_id END;
BEGIN
  IF EXISTS (SELECT FROM publications WHERE article_id = article AND minor) THEN
    UPDATE publications p SET updated_at = told.moment FROM (
      SELECT id, minor, coalesce(max(live_from) FILTER (WHERE NOT minor) OVER (ORDER BY live_from), published_at) AS moment
      FROM publications WHERE article_id = article) told
    WHERE told.id = p.id AND told.minor AND p.updated_at <> told.moment;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER publications_tell_minor_updates AFTER INSERT OR DELETE OR UPDATE OF live_from, minor, published_at ON publications
  FOR EACH ROW EXECUTE FUNCTION tell_minor_updates();

-- ---- The window of a publication, beside its tags and authors ----------------------------------------------------------

-- So that the articles of one tag are walked, skipped and counted within one index. Open ends are `infinity`, and what is
-- withdrawn has no window; Prisma has no words for either and does not know these columns. They are the database's own.
ALTER TABLE publication_tags ADD COLUMN live_from TIMESTAMPTZ(3), ADD COLUMN live_until TIMESTAMPTZ(3), ADD COLUMN updated_at TIMESTAMPTZ(3);
ALTER TABLE publication_authors ADD COLUMN live_from TIMESTAMPTZ(3), ADD COLUMN live_until TIMESTAMPTZ(3), ADD COLUMN updated_at TIMESTAMPTZ(3);

UPDATE publication_tags x SET live_from = p.live_from, updated_at = p.updated_at,
  live_until = CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END
  FROM publications p WHERE p.id = x.publication_id;
UPDATE publication_authors x SET live_from = p.live_from, updated_at = p.updated_at,
  live_until = CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END
  FROM publications p WHERE p.id = x.publication_id;

ALTER TABLE publication_tags ALTER COLUMN live_from SET NOT NULL, ALTER COLUMN live_until SET NOT NULL, ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE publication_authors ALTER COLUMN live_from SET NOT NULL, ALTER COLUMN live_until SET NOT NULL, ALTER COLUMN updated_at SET NOT NULL;

CREATE FUNCTION take_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT p.published_at, p.live_from, CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END, p.updated_at
    INTO NEW.published_at, NEW.live_from, NEW.live_until, NEW.updated_at
    FROM publications p WHERE p.id = NEW.publication_id;
  RETURN NEW;
END $$;

CREATE TRIGGER publication_tags_take_window BEFORE INSERT ON publication_tags FOR EACH ROW EXECUTE FUNCTION take_window();
CREATE TRIGGER publication_authors_take_window BEFORE INSERT ON publication_authors FOR EACH ROW EXECUTE FUNCTION take_window();

-- Read from the table and not from NEW: another trigger of the same statement may have changed the row once more.
CREATE FUNCTION give_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE publication_tags x SET published_at = p.published_at, live_from = p.live_from, updated_at = p.updated_at,
    live_until = CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END
    FROM publications p WHERE p.id = NEW.id AND x.publication_id = p.id;
  UPDATE publication_authors x SET published_at = p.published_at, live_from = p.live_from, updated_at = p.updated_at,
    live_until = CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END
    FROM publications p WHERE p.id = NEW.id AND x.publication_id = p.id;
  RETURN NULL;
END $$;

CREATE TRIGGER publications_give_window AFTER UPDATE OF published_at, live_from, live_until, withdrawn, updated_at, minor ON publications
  FOR EACH ROW EXECUTE FUNCTION give_window();

-- ---- Walks -------------------------------------------------------------------------------------------------------------

-- Where a page begins and in what order it goes on is said by the columns up to the article; what is not live is skipped by
-- the last two without a look at the table, so that neither an article with a long history nor ended ones slow a walk down.
CREATE INDEX publications_newest ON publications
  (locale, published_at DESC, article_id DESC, live_from, coalesce(live_until, 'infinity'::timestamptz)) WHERE NOT withdrawn;
CREATE INDEX publications_updated ON publications
  (locale, updated_at DESC, article_id DESC, live_from, coalesce(live_until, 'infinity'::timestamptz)) WHERE NOT withdrawn;
CREATE INDEX publications_by_source ON publications
  (locale, (source ->> 'name'), published_at DESC, article_id DESC) WHERE source IS NOT NULL;
CREATE INDEX publication_tags_newest ON publication_tags (tag_id, locale, published_at DESC, article_id DESC, live_from, live_until);
CREATE INDEX publication_tags_updated ON publication_tags (tag_id, locale, updated_at DESC, article_id DESC, live_from, live_until);
CREATE INDEX publication_authors_newest ON publication_authors (author_id, locale, published_at DESC, article_id DESC, live_from, live_until);
CREATE INDEX publication_authors_updated ON publication_authors (author_id, locale, updated_at DESC, article_id DESC, live_from, live_until);

-- ---- Views -------------------------------------------------------------------------------------------------------------

-- No foreign key: counting would wait for whoever has the article locked. What an article was read goes with it all the same.
CREATE FUNCTION drop_views() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM article_views WHERE article_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER articles_drop_views AFTER DELETE ON articles FOR EACH ROW EXECUTE FUNCTION drop_views();

ALTER TABLE article_views ADD CONSTRAINT article_views_whole_hour CHECK (mod(extract(epoch FROM hour), 3600) = 0);

-- ---- What the reading side may see -----------------------------------------------------------------------------------

CREATE VIEW public_article_views AS SELECT article_id, hour, locale, views FROM article_views;

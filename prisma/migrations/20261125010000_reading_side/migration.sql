-- The reading side: instances hear of each change, and know the next moment at which what is live changes by itself.

-- CreateIndex
CREATE INDEX "publications_by_beginning" ON "publications"("live_from");

-- CreateIndex
CREATE INDEX "publications_by_end" ON "publications"("live_until");

-- CreateIndex
CREATE INDEX "list_items_by_end" ON "list_items"("pinned_until");

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

-- Whoever keeps answers hears which of them are out of date, once the change is committed. A notice has room for 8,000
-- bytes; a change that shows in more places than fit is told of as `*`, everything.
CREATE FUNCTION notify_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  keys text := array_to_string(NEW.surrogate_keys, ' ');
BEGIN
  PERFORM pg_notify('dateline', CASE WHEN octet_length(keys) < 7900 THEN keys ELSE '*' END);
  RETURN NULL;
END $$;

CREATE TRIGGER events_notify AFTER INSERT ON events
  FOR EACH ROW WHEN (cardinality(NEW.surrogate_keys) > 0) EXECUTE FUNCTION notify_of_change();

-- As before, by a hash of locale and slug: a GiST index of texts is several times as large and slow to write, and the
-- planner took it for reading one slug, which `publications_by_slug` is for. (Of 64 bits: two slugs of any newsroom
-- that share one by chance are not to be expected, and would be refused one moment of the other, nothing worse.)
ALTER TABLE publications DROP CONSTRAINT publications_one_per_slug;
ALTER TABLE publications ADD CONSTRAINT publications_one_per_slug
  EXCLUDE USING gist (hashtextextended(locale || ' ' || slug, 0) WITH =, tstzrange(live_from, live_until) WITH &&)
  DEFERRABLE INITIALLY IMMEDIATE;

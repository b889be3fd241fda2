-- Share links with windows, limits and cards; clicks by where they came from; views by visitor.

-- ---- Share links -----------------------------------------------------------------------------------------------------

ALTER TABLE "share_links"
  ADD COLUMN "valid_from" TIMESTAMPTZ(3),
  ADD COLUMN "expired_url" TEXT,
  ADD COLUMN "max_clicks" INTEGER,
  ADD COLUMN "redirect_status" INTEGER NOT NULL DEFAULT 302,
  ADD COLUMN "card" JSONB NOT NULL DEFAULT '{"title": null, "description": null, "image": null}',
  ADD COLUMN "indexable" BOOLEAN NOT NULL DEFAULT false,
  ADD CONSTRAINT share_links_redirect_status CHECK (redirect_status IN (301, 302)),
  ADD CONSTRAINT share_links_max_clicks CHECK (max_clicks > 0),
  ADD CONSTRAINT share_links_window CHECK (expires_at > valid_from),
  -- A permanent redirect is remembered by browsers: what ends or is counted out cannot be one.
  ADD CONSTRAINT share_links_permanent CHECK (
    redirect_status = 302 OR (valid_from IS NULL AND expires_at IS NULL AND max_clicks IS NULL AND expired_url IS NULL));

-- ---- Clicks ----------------------------------------------------------------------------------------------------------

-- A row for every link from its first day. `allotted` is how many people the last statement that counted let through:
-- what an UPDATE added cannot be returned otherwise.
CREATE TABLE "share_link_totals" (
    "share_link_id" UUID NOT NULL,
    "human" BIGINT NOT NULL DEFAULT 0,
    "bots" BIGINT NOT NULL DEFAULT 0,
    "allotted" INTEGER NOT NULL DEFAULT 0,
    "last_clicked_at" TIMESTAMPTZ(3),

    CONSTRAINT "share_link_totals_pkey" PRIMARY KEY ("share_link_id")
);
ALTER TABLE "share_link_totals" ADD CONSTRAINT "share_link_totals_share_link_id_fkey"
  FOREIGN KEY ("share_link_id") REFERENCES "share_links"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX share_link_totals_most ON share_link_totals ((human + bots) DESC, share_link_id DESC);
CREATE INDEX share_link_totals_last ON share_link_totals (coalesce(last_clicked_at, '-infinity') DESC, share_link_id DESC);

INSERT INTO share_link_totals (share_link_id, human, last_clicked_at)
  SELECT l.id, coalesce(c.clicks, 0), c.last_at FROM share_links l
  LEFT JOIN (SELECT share_link_id, sum(clicks) AS clicks, max(last_at) AS last_at FROM share_link_clicks GROUP BY 1) c ON c.share_link_id = l.id;

CREATE FUNCTION begin_share_link_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO share_link_totals (share_link_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER share_links_begin_totals AFTER INSERT ON share_links FOR EACH ROW EXECUTE FUNCTION begin_share_link_totals();

-- By hour and by where they came from; '' where nobody said.
ALTER TABLE "share_link_clicks"
  ADD COLUMN "referrer" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "country" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "device" TEXT NOT NULL DEFAULT 'other',
  ADD COLUMN "robot" BOOLEAN NOT NULL DEFAULT false,
  DROP COLUMN "last_at",
  DROP CONSTRAINT "share_link_clicks_pkey",
  ADD CONSTRAINT "share_link_clicks_pkey" PRIMARY KEY ("share_link_id", "hour", "referrer", "country", "device", "robot"),
  ADD CONSTRAINT share_link_clicks_device CHECK (device IN ('desktop', 'mobile', 'tablet', 'other'));

-- ---- Views -----------------------------------------------------------------------------------------------------------

CREATE TABLE "article_view_totals" (
    "article_id" UUID NOT NULL,
    "views" BIGINT NOT NULL,

    CONSTRAINT "article_view_totals_pkey" PRIMARY KEY ("article_id")
);
INSERT INTO article_view_totals (article_id, views) SELECT article_id, sum(views) FROM article_views GROUP BY article_id;

-- The key of a UTC day, and who was there on it, as hashes under that key. Both go when the day is over: nobody can then
-- tell whose they were.
CREATE TABLE "visitor_days" (
    "day" DATE NOT NULL,
    "key" BYTEA NOT NULL,

    CONSTRAINT "visitor_days_pkey" PRIMARY KEY ("day")
);
CREATE TABLE "visits" (
    "day" DATE NOT NULL,
    "visitor" BYTEA NOT NULL,
    "article_id" UUID NOT NULL,
    "counted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "visits_pkey" PRIMARY KEY ("day", "visitor", "article_id")
);

CREATE OR REPLACE FUNCTION drop_views() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM article_views WHERE article_id = OLD.id;
  DELETE FROM article_view_totals WHERE article_id = OLD.id;
  RETURN NULL;
END $$;

-- ---- What the reading side may see -----------------------------------------------------------------------------------

DROP VIEW public_share_links;
CREATE VIEW public_share_links AS
  SELECT c.code, l.id, l.article_id, l.channel, l.campaign, l.utm, l.valid_from, l.expires_at, l.expired_url, l.max_clicks,
    l.redirect_status, l.card, l.indexable, l.archived_at, l.code AS present_code
  FROM share_codes c JOIN share_links l ON l.id = c.share_link_id;
CREATE VIEW public_article_view_totals AS SELECT article_id, views FROM article_view_totals;

-- A share link for each channel of every article that is on the timeline, made by the database for any number at once.

-- ---- Codes and ids ---------------------------------------------------------------------------------------------------

-- As those made in code: eight of 31 letters and digits nobody mistakes for others. The bytes of a version 4 UUID are
-- cryptographically random, but for the two that hold version and variant. 248 is the last multiple of 31: what is above
-- it would make the first letters likelier.
-- Whether a code is there is one look into an index, also when the table was small as that was planned: the plan is kept
-- while thousands are made.
CREATE FUNCTION new_share_code() RETURNS text LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  letters CONSTANT text := '23456789abcdefghjkmnpqrstuvwxyz';
  bytes bytea;
  made text;
BEGIN
  LOOP
    made := '';
    WHILE length(made) < 8 LOOP
      bytes := uuid_send(gen_random_uuid());
      FOR place IN 0..15 LOOP
        CONTINUE WHEN place IN (6, 8) OR get_byte(bytes, place) >= 248;
        made := made || substr(letters, get_byte(bytes, place) % 31 + 1, 1);
      END LOOP;
    END LOOP;
    made := left(made, 8);
    EXIT WHEN NOT EXISTS (SELECT FROM share_codes c WHERE c.code = made);
  END LOOP;
  RETURN made;
END $$;

-- A UUID, version 7: the millisecond in front of random bits, and 4 made 7.
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- ---- What stands beside a link, for many at once ---------------------------------------------------------------------

DROP TRIGGER share_links_keep_code ON share_links;
CREATE TRIGGER share_links_keep_code AFTER UPDATE OF code ON share_links FOR EACH ROW EXECUTE FUNCTION keep_share_code();

DROP TRIGGER share_links_begin_totals ON share_links;
DROP FUNCTION begin_share_link_totals();
CREATE FUNCTION begin_share_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO share_codes (code, share_link_id) SELECT code, id FROM made;
  INSERT INTO share_link_totals (share_link_id) SELECT id FROM made;
  RETURN NULL;
END $$;
CREATE TRIGGER share_links_begin AFTER INSERT ON share_links
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION begin_share_links();

-- ---- Lists ------------------------------------------------------------------------------------------------------------

-- Newest first by each filter. Few links have limits or campaigns: those indexes hold few rows.
CREATE INDEX share_links_by_maker ON share_links (created_by, created_at DESC, id DESC);
CREATE INDEX share_links_by_channel ON share_links (channel, created_at DESC, id DESC);
CREATE INDEX share_links_by_campaign ON share_links (campaign, created_at DESC, id DESC) WHERE campaign <> '';
CREATE INDEX share_links_archived ON share_links (created_at DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX share_links_expiring ON share_links (created_at DESC, id DESC) WHERE expires_at IS NOT NULL;
CREATE INDEX share_links_beginning ON share_links (created_at DESC, id DESC) WHERE valid_from IS NOT NULL;
CREATE INDEX share_links_limited ON share_links (created_at DESC, id DESC) WHERE max_clicks IS NOT NULL;

-- ---- Default links ---------------------------------------------------------------------------------------------------

-- The channels a share bar in this locale shows, in their order: its site's, else the default site's.
CREATE FUNCTION share_channels(wanted text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT s.document -> 'shareChannels' FROM public_sites s WHERE s.locale = wanted OR s.is_default
     ORDER BY s.locale = wanted DESC LIMIT 1),
    '["x", "facebook", "telegram", "whatsapp", "linkedin", "reddit", "bluesky", "threads", "email"]')
$$;

-- Makes the links that these articles should have and never had: one for each channel of their locale, `copy` and `qr`.
-- One that was archived is not made again. Theirs who first published. Answers with how many were made.
CREATE FUNCTION make_share_links(articles uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  made integer;
  refused text;
BEGIN
  -- A site that adds a channel waits for who is being published, or is waited for: nobody falls between the two.
  PERFORM pg_advisory_xact_lock_shared(hashtext('dateline:share-channels'));
  FOR attempt IN 1..5 LOOP
    BEGIN
      INSERT INTO share_links (id, article_id, code, channel, utm, created_by)
      SELECT new_id(), f.article_id, new_share_code(), c.channel,
        jsonb_build_object('source', c.channel, 'medium', 'social', 'campaign', NULL, 'term', NULL, 'content', NULL), f.created_by
      FROM (
        SELECT DISTINCT ON (p.article_id) p.article_id, p.locale, p.created_by FROM publications p
        WHERE p.article_id = ANY (articles) ORDER BY p.article_id, p.live_from
      ) f
      JOIN (
        SELECT l.locale, n.channel::channel AS channel, n.place FROM (SELECT DISTINCT locale FROM publications WHERE article_id = ANY (articles)) l
        CROSS JOIN LATERAL jsonb_array_elements_text(share_channels(l.locale) || '["copy", "qr"]') WITH ORDINALITY AS n (channel, place)
      ) c ON c.locale = f.locale
      WHERE NOT EXISTS (SELECT FROM share_links l WHERE l.article_id = f.article_id AND l.channel = c.channel AND l.campaign = '')
      ORDER BY f.article_id, c.place
      ON CONFLICT (article_id, channel, campaign) WHERE archived_at IS NULL DO NOTHING;
      GET DIAGNOSTICS made = ROW_COUNT;
      RETURN made;
    EXCEPTION WHEN unique_violation THEN
      -- Another link was given one of these codes in the meantime.
      GET STACKED DIAGNOSTICS refused = CONSTRAINT_NAME;
      IF refused NOT IN ('share_links_code', 'share_codes_code') OR attempt = 5 THEN RAISE; END IF;
    END;
  END LOOP;
  RETURN 0;
END $$;

-- Articles that are on the timeline already, some thousands at a time.
DO $$
DECLARE
  articles uuid[];
  after uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
  LOOP
    articles := ARRAY(SELECT a.id FROM articles a WHERE a.id > after AND EXISTS (SELECT FROM publications p WHERE p.article_id = a.id)
      ORDER BY a.id LIMIT 5000);
    EXIT WHEN cardinality(articles) = 0;
    PERFORM make_share_links(articles);
    after := articles[cardinality(articles)];
  END LOOP;
END $$;

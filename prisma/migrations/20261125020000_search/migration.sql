-- Search: the words of every publication, of tags' and authors' names, and a vocabulary for forgiving typos. The first
-- part is what `schema.prisma` says; from "Beyond Prisma" on it is what Prisma's language has no words for.

-- CreateTable
CREATE TABLE "publication_search" (
    "publication_id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,
    "live_from" TIMESTAMPTZ(3) NOT NULL,
    "live_until" TIMESTAMPTZ(3),
    "withdrawn" BOOLEAN NOT NULL,
    "vector" tsvector NOT NULL,

    CONSTRAINT "publication_search_pkey" PRIMARY KEY ("publication_id")
);

-- CreateTable
CREATE TABLE "search_names" (
    "owner_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "others" TEXT[],
    "words" tsvector NOT NULL,

    CONSTRAINT "search_names_pkey" PRIMARY KEY ("owner_id","locale")
);

-- CreateTable
CREATE TABLE "search_words" (
    "locale" TEXT NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("locale","word")
);

-- AddForeignKey
ALTER TABLE "publication_search" ADD CONSTRAINT "publication_search_publication_id_fkey" FOREIGN KEY ("publication_id") REFERENCES "publications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

-- Folding accents, finding words that look alike, and counting the letters they differ by. All three are trusted: whoever
-- may create in the database may create them.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- ---- Languages -------------------------------------------------------------------------------------------------------

-- Each of Postgres' languages with accents folded. Stop words go before that, as their lists have accents; where a
-- language has no list there is nothing to go.
DO $$
DECLARE
  language text;
BEGIN
  CREATE TEXT SEARCH CONFIGURATION dateline_simple (COPY = simple);
  ALTER TEXT SEARCH CONFIGURATION dateline_simple ALTER MAPPING FOR word, hword, hword_part WITH unaccent, simple;
  FOREACH language IN ARRAY ARRAY['arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'english', 'finnish',
    'french', 'german', 'greek', 'hindi', 'hungarian', 'indonesian', 'irish', 'italian', 'lithuanian', 'nepali', 'norwegian',
    'portuguese', 'romanian', 'russian', 'serbian', 'spanish', 'swedish', 'tamil', 'turkish', 'yiddish'] LOOP
    EXECUTE format('CREATE TEXT SEARCH CONFIGURATION dateline_%1$s (COPY = %1$s)', language);
    IF language = ANY (ARRAY['danish', 'dutch', 'english', 'finnish', 'french', 'german', 'hungarian', 'italian', 'nepali',
      'norwegian', 'portuguese', 'russian', 'spanish', 'swedish', 'turkish']) THEN
      EXECUTE format('CREATE TEXT SEARCH DICTIONARY dateline_%1$s_stop (TEMPLATE = simple, STOPWORDS = %1$s, ACCEPT = false)', language);
      EXECUTE format('ALTER TEXT SEARCH CONFIGURATION dateline_%1$s ALTER MAPPING FOR word, hword, hword_part
        WITH dateline_%1$s_stop, unaccent, %1$s_stem', language);
    ELSE
      EXECUTE format('ALTER TEXT SEARCH CONFIGURATION dateline_%1$s ALTER MAPPING FOR word, hword, hword_part
        WITH unaccent, %1$s_stem', language);
    END IF;
  END LOOP;
END $$;

-- The one place where a locale gets its language: by its first part; without a stemmer, words are taken as they are.
CREATE FUNCTION search_config(locale text) RETURNS regconfig LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE split_part(locale, '-', 1)
    WHEN 'ar' THEN 'dateline_arabic' WHEN 'hy' THEN 'dateline_armenian' WHEN 'eu' THEN 'dateline_basque'
    WHEN 'ca' THEN 'dateline_catalan' WHEN 'da' THEN 'dateline_danish' WHEN 'nl' THEN 'dateline_dutch'
    WHEN 'en' THEN 'dateline_english' WHEN 'fi' THEN 'dateline_finnish' WHEN 'fr' THEN 'dateline_french'
    WHEN 'de' THEN 'dateline_german' WHEN 'el' THEN 'dateline_greek' WHEN 'hi' THEN 'dateline_hindi'
    WHEN 'hu' THEN 'dateline_hungarian' WHEN 'id' THEN 'dateline_indonesian' WHEN 'ga' THEN 'dateline_irish'
    WHEN 'it' THEN 'dateline_italian' WHEN 'lt' THEN 'dateline_lithuanian' WHEN 'ne' THEN 'dateline_nepali'
    WHEN 'no' THEN 'dateline_norwegian' WHEN 'nb' THEN 'dateline_norwegian' WHEN 'nn' THEN 'dateline_norwegian'
    WHEN 'pt' THEN 'dateline_portuguese' WHEN 'ro' THEN 'dateline_romanian' WHEN 'ru' THEN 'dateline_russian'
    WHEN 'sr' THEN 'dateline_serbian' WHEN 'es' THEN 'dateline_spanish' WHEN 'sv' THEN 'dateline_swedish'
    WHEN 'ta' THEN 'dateline_tamil' WHEN 'tr' THEN 'dateline_turkish' WHEN 'yi' THEN 'dateline_yiddish'
    ELSE 'dateline_simple' END::regconfig
$$;

-- Text as words with one blank between them, so that Postgres' parser meets nothing it would make an address, a tag or
-- a compound of, and the same word is the same wherever it stands. First what is no letter of its own goes: accents that
-- do not compose, stress and vowel marks, soft hyphens, joiners. Then all that separates becomes a blank. Scripts that
-- write no blanks between words (Han, kana) are taken character by character. `wordsOf` in src/content/search-words.ts is the
-- same; a test holds the two together.
CREATE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(regexp_replace(regexp_replace(normalize(given, NFC),
    '[\u00ad\u0300-\u036f\u055b\u055c\u055e\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3099\u309a\ufe00-\ufe0f\ufeff]+', '', 'g'),
    '([\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])', ' \1 ', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02b9-\u02df\u0374\u037e\u0384\u0385\u0387\u055a\u055d\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970\u0e2f\u0e5a\u0e5b\u1fbd-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd\u1ffe\u2000-\u206f\u20a0-\u20cf\u2100-\u2125\u2127-\u2129\u212c-\u214f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001faff]+', ' ', 'g'))
$$;

-- ---- The vocabulary --------------------------------------------------------------------------------------------------

CREATE INDEX search_words_alike ON search_words USING gin (word gin_trgm_ops);

-- Words long enough to be mistyped and short enough to be typed, folded. In one order, so that two writers who learn the
-- same words wait for each other and never in a circle. Whether a word is there is one look into the primary key whatever
-- the planner knows of the table: as NOT EXISTS, all words of the locale were read for each while nobody had counted them.
CREATE FUNCTION learn_words(locale text, given text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_words (locale, word)
    SELECT learn_words.locale, w.word
    FROM (SELECT DISTINCT regexp_split_to_table(lower(unaccent(search_text(learn_words.given))), ' ') AS word) w
    WHERE char_length(w.word) BETWEEN 4 AND 30 AND w.word !~ '[0-9]'
      AND (SELECT true FROM search_words s WHERE s.locale = learn_words.locale AND s.word = w.word) IS NULL
    ORDER BY w.word
  ON CONFLICT DO NOTHING
$$;

-- ---- Names of tags and authors ---------------------------------------------------------------------------------------

-- A vector holds the ids of tags and authors, not their names: a search looks up whose names have its words and asks for
-- their ids too. So a rename is there at once and touches no publication. `locale` '' is for every locale but `others`:
-- an author's name, or all names of a tag where it has none in the locale.
CREATE INDEX search_names_words ON search_names USING gin (words);

CREATE FUNCTION keep_tag_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN DELETE FROM search_names WHERE owner_id = OLD.id; END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO search_names (owner_id, locale, others, words)
      SELECT NEW.id, n.key, '{}', to_tsvector(search_config(n.key), search_text(n.value)) FROM jsonb_each_text(NEW.names) n
      UNION ALL SELECT NEW.id, '', array_agg(n.key), to_tsvector('dateline_simple', search_text(string_agg(n.value, ' ' ORDER BY n.key)))
        FROM jsonb_each_text(NEW.names) n HAVING count(*) > 0;
    PERFORM learn_words('', string_agg(n.value, ' ')) FROM jsonb_each_text(NEW.names) n;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER tags_keep_search AFTER INSERT OR UPDATE OF names OR DELETE ON tags FOR EACH ROW EXECUTE FUNCTION keep_tag_search();

CREATE FUNCTION keep_author_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN DELETE FROM search_names WHERE owner_id = OLD.id; END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO search_names (owner_id, locale, others, words)
      VALUES (NEW.id, '', '{}', to_tsvector('dateline_simple', search_text(NEW.name)));
    PERFORM learn_words('', NEW.name);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER authors_keep_search AFTER INSERT OR UPDATE OF name OR DELETE ON authors FOR EACH ROW EXECUTE FUNCTION keep_author_search();

-- Merging two tags leaves the id of the one that is gone in the vectors: a search asks for those too.
CREATE VIEW public_tag_merges AS SELECT from_id, into_id FROM tag_merges;

-- ---- Publications ----------------------------------------------------------------------------------------------------

-- Narrow rows beside a vector kept apart: finding which of many matches are live and newest reads few pages, and only
-- those that are ranked have their vector read. Changing the moments of a row touches no index.
ALTER TABLE publication_search ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE publication_search SET (toast_tuple_target = 128, fillfactor = 90);
CREATE INDEX publication_search_vector ON publication_search USING gin (vector);

-- Headline A, standfirst B, what stands around them and ids of tags and authors C, body D; its first 100,000 characters,
-- as a vector holds at most a megabyte. The gap keeps a phrase from reaching from one text into the next.
CREATE FUNCTION search_vector(publication uuid) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
DECLARE
  p record;
  config regconfig;
  gap tsvector := '''|'':3';
  ids text;
BEGIN
  SELECT locale, headline, standfirst, kicker, dateline, source ->> 'name' AS source, left(body_text, 100000) AS body INTO p
    FROM publications WHERE id = publication;
  config := search_config(p.locale);
  SELECT string_agg(format('''#%s'':1C', x.id), ' ') INTO ids FROM (
    SELECT tag_id AS id FROM publication_tags WHERE publication_id = publication
    UNION ALL SELECT author_id FROM publication_authors WHERE publication_id = publication) x;
  RETURN ts_delete(
    setweight(to_tsvector(config, search_text(p.headline)), 'A') || gap
    || setweight(to_tsvector(config, search_text(p.standfirst)), 'B') || gap
    || setweight(to_tsvector(config, search_text(p.kicker)), 'C') || gap
    || setweight(to_tsvector(config, search_text(p.dateline)), 'C') || gap
    || setweight(to_tsvector(config, search_text(coalesce(p.source, ''))), 'C') || gap
    || to_tsvector(config, search_text(p.body)), '|') || coalesce(ids, '')::tsvector;
END $$;

CREATE FUNCTION keep_publication_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  p record;
BEGIN
  SELECT article_id, locale, published_at, live_from, live_until, withdrawn INTO p FROM publications WHERE id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF TG_OP = 'UPDATE' AND (NEW.headline, NEW.standfirst, NEW.kicker, NEW.dateline, NEW.source ->> 'name', NEW.locale, NEW.version)
      IS NOT DISTINCT FROM (OLD.headline, OLD.standfirst, OLD.kicker, OLD.dateline, OLD.source ->> 'name', OLD.locale, OLD.version)
      AND NEW.body_text = OLD.body_text THEN
    UPDATE publication_search s
      SET published_at = p.published_at, live_from = p.live_from, live_until = p.live_until, withdrawn = p.withdrawn
      WHERE s.publication_id = NEW.id AND (s.published_at, s.live_from, s.live_until, s.withdrawn)
        IS DISTINCT FROM (p.published_at, p.live_from, p.live_until, p.withdrawn);
    RETURN NULL;
  END IF;
  INSERT INTO publication_search (publication_id, article_id, locale, published_at, live_from, live_until, withdrawn, vector)
    VALUES (NEW.id, p.article_id, p.locale, p.published_at, p.live_from, p.live_until, p.withdrawn, search_vector(NEW.id))
    ON CONFLICT (publication_id) DO UPDATE SET locale = EXCLUDED.locale, published_at = EXCLUDED.published_at,
      live_from = EXCLUDED.live_from, live_until = EXCLUDED.live_until, withdrawn = EXCLUDED.withdrawn, vector = EXCLUDED.vector;
  PERFORM learn_words(p.locale, concat_ws(' ', NEW.headline, NEW.standfirst, NEW.kicker, NEW.dateline, NEW.source ->> 'name', left(NEW.body_text, 100000)));
  RETURN NULL;
END $$;

-- At the end of the transaction, when tags and authors are there too: one write instead of three, and the words that two
-- writers might both learn are locked for a moment only.
CREATE CONSTRAINT TRIGGER publications_keep_search AFTER INSERT OR UPDATE ON publications
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_publication_search();

-- ---- What is there already -------------------------------------------------------------------------------------------

INSERT INTO publication_search (publication_id, article_id, locale, published_at, live_from, live_until, withdrawn, vector)
  SELECT id, article_id, locale, published_at, live_from, live_until, withdrawn, search_vector(id) FROM publications;
SELECT learn_words(locale, concat_ws(' ', headline, standfirst, kicker, dateline, source ->> 'name', left(body_text, 100000))) FROM publications;
UPDATE tags SET names = names;
UPDATE authors SET name = name;

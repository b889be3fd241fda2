-- What each word that a list shows comes down to is kept with its publication: found in the text of a whole page at each
-- search, it was half of what a search cost.

-- Not filled in here, which would hold up a large newsroom for minutes: where it is NULL a search still works it out, and
-- whatever is published from now on has it.
ALTER TABLE "publications" ADD COLUMN "stems" TEXT;

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

-- As before, but composing goes through each letter in tables: what needs none (Latin and Cyrillic as they are typed, Han,
-- kana, hangul, and what stands between words) is known by one look. The class has only letters that are composed and that
-- nothing in it composes with; `wordsOf` in src/content/search-words.ts is the same, and a test holds the two together.
CREATE OR REPLACE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(regexp_replace(regexp_replace(
    CASE WHEN given ~ '[^\u0001-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u205f\u20ac\u2116\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]'
      THEN normalize(given, NFC) ELSE given END,
    '[\u00ad\u0300-\u036f\u055b\u055c\u055e\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3099\u309a\ufe00-\ufe0f\ufeff]+', '', 'g'),
    '([\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])', ' \1 ', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02b9-\u02df\u0374\u037e\u0384\u0385\u0387\u055a\u055d\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970\u0e2f\u0e5a\u0e5b\u1fbd-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd\u1ffe\u2000-\u206f\u20a0-\u20cf\u2100-\u2125\u2127-\u2129\u212c-\u214f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001faff]+', ' ', 'g'))
$$;

-- A line for each word of the text, in its order: the lexemes a search finds it by, apart by tabs; empty for a stop word.
CREATE FUNCTION search_stems(config regconfig, given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(array_to_string(tsvector_to_array(to_tsvector(config, w.word)), E'\t'), E'\n' ORDER BY w.place), '')
  FROM string_to_table(search_text(given), ' ') WITH ORDINALITY AS w (word, place) WHERE w.word <> ''
$$;

-- `highlightsOf` in src/content/highlights.ts goes through the same texts in this order.
CREATE FUNCTION keep_stems() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.stems := search_stems(search_config(NEW.locale), concat_ws(' ', NEW.headline, NEW.kicker, NEW.standfirst, NEW.dateline));
  RETURN NEW;
END $$;

CREATE TRIGGER publications_keep_stems BEFORE INSERT OR UPDATE OF locale, headline, kicker, standfirst, dateline ON publications
  FOR EACH ROW EXECUTE FUNCTION keep_stems();

/** The statements that make articles out of the pool of paragraphs. */
import type pg from 'pg'
import {
  articleStems,
  articleVector,
  DATELINE,
  KICKER,
  prepareSearch,
  SOURCE,
  surroundings
} from './search.ts'
import { HITS_PER_MARKER, MARKERS, markerWords, type Paragraph, POOL } from './words.ts'

export const TAGS = 200
/** The first tags are sections: each story is in one, so that even of 10,000 articles a section fills five pages. */
export const SECTIONS = 40

export async function poolTable(pool: pg.Pool, paragraphs: Paragraph[]) {
  await pool.query(`
    CREATE UNLOGGED TABLE bench_pool (
      locale text, place int, block text, html text, text text, headline text, slug text, standfirst text, words int, marker text,
      headline_vector tsvector, standfirst_vector tsvector, vector tsvector, marker_vector tsvector,
      headline_stems text, standfirst_stems text, marker_stems text,
      PRIMARY KEY (locale, place))`)
  const markers = { en: markerWords('en'), ru: markerWords('ru') }
  const rows = paragraphs.map((row) => ({ ...row, marker: markers[row.locale][row.place] ?? null }))
  await pool.query(
    `INSERT INTO bench_pool SELECT * FROM json_populate_recordset(NULL::bench_pool, $1::json)`,
    [JSON.stringify(rows)]
  )
  await prepareSearch(pool)
  await pool.query('VACUUM (ANALYZE) bench_pool')
}

/** A UUIDv7 of that moment, always the same for the same name. */
const idOf = (name: string, moment: string) =>
  `(lpad(to_hex((extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${name}), 1, 3) || 'a' || substr(md5(${name}), 4, 15))::uuid`

/** The places of an article's paragraphs in the pool. */
const BODY = ['one', 'two', 'three', 'four', 'five']

const paragraph = (place: string) =>
  `JOIN bench_pool ${place} ON ${place}.locale = chosen.locale AND ${place}.place = chosen.${place}`

/**
 * $1 the first story and $2 the last of the batch, $3 how many there are in all. Five years of news, evenly. Each story
 * has an English and a Russian article; those at even distances have a marker in their standfirst.
 */
export const articlesBatch = `
  WITH tag AS (SELECT array_agg(id ORDER BY created_at, id) AS ids FROM tags),
  author AS (SELECT array_agg(id ORDER BY created_at, id) AS ids FROM authors),
  desk AS (SELECT id FROM users LIMIT 1),
  around AS MATERIALIZED (${surroundings}),
  chosen AS MATERIALIZED (
    SELECT s, l.locale, date_trunc('milliseconds', now() - (($3::bigint - s) * (interval '5 years' / $3::bigint)) - interval '1 minute' - l.later * interval '90 seconds') AS moment,
      (mixed % ${POOL})::int AS one, ((mixed + step) % ${POOL})::int AS two, ((mixed + 2 * step) % ${POOL})::int AS three,
      ((mixed + 3 * step) % ${POOL})::int AS four, ((mixed + 4 * step) % ${POOL})::int AS five,
      CASE WHEN s % every = 0 AND s / every < ${MARKERS * HITS_PER_MARKER} THEN (s / every % ${MARKERS})::int END AS marked,
      tag.ids[1 + s % ${SECTIONS}] AS section,
      tag.ids[${SECTIONS + 1} + mixed % ${(TAGS - SECTIONS) / 2}] AS subject,
      tag.ids[${SECTIONS + (TAGS - SECTIONS) / 2 + 1} + mixed / 97 % ${(TAGS - SECTIONS) / 2}] AS place,
      author.ids[1 + mixed % 30] AS writer, CASE WHEN s % 3 = 0 THEN author.ids[31 + mixed / 31 % 30] END AS second
    FROM tag, author, generate_series($1::bigint, $2::bigint) AS s
    CROSS JOIN LATERAL (SELECT abs(hashint8extended(s, 7) % 1000000007) AS mixed, 1 + abs(hashint8extended(s, 8) % 500) AS step, greatest(1, $3::bigint / ${MARKERS * HITS_PER_MARKER}) AS every) m
    CROSS JOIN (VALUES ('en', 0), ('ru', 1)) AS l (locale, later)
  ),
  made AS MATERIALIZED (
    SELECT chosen.*, ${idOf(`'article' || chosen.s || chosen.locale`, 'chosen.moment')} AS id, ${idOf(`'story' || chosen.s`, 'chosen.moment')} AS story,
      ${idOf(`'publication' || chosen.s || chosen.locale`, 'chosen.moment')} AS publication, one.headline, one.slug || '-' || chosen.s AS slug,
      two.standfirst || coalesce(' ' || marker.marker, '') AS standfirst,
      '[' || concat_ws(',', one.block, two.block, three.block, four.block, five.block) || ']' AS body,
      concat_ws(E'\\n', one.html, two.html, three.html, four.html, five.html) AS html,
      concat_ws(E'\\n\\n', one.text, two.text, three.text, four.text, five.text) AS text,
      one.words + two.words + three.words + four.words + five.words AS words,
      CASE WHEN chosen.s % 2 = 0 THEN '{"name":"${SOURCE}","url":"https://wire.example/' || chosen.s || '"}' END AS source,
      CASE WHEN chosen.s % 4 < 3 THEN '{"url":"https://images.example/' || chosen.s || '.jpg","alt":"A view of the harbour","caption":null,"credit":"R. Aldana","width":1600,"height":900}' END AS image,
      array_remove(ARRAY[chosen.writer, chosen.second], NULL) AS writers, md5('content' || chosen.s) AS hash,
      ${articleVector(BODY, 'ARRAY[chosen.section, chosen.subject, chosen.place, chosen.writer, chosen.second]')} AS vector, ${articleStems} AS stems
    FROM chosen
    JOIN around ON around.locale = chosen.locale AND around.sourced = (chosen.s % 2 = 0)
    ${BODY.map(paragraph).join('\n')}
    LEFT JOIN bench_pool marker ON marker.locale = chosen.locale AND marker.place = chosen.marked
  ),
  a AS (
    INSERT INTO articles (id, story_id, locale, slug, slug_generated, headline, kicker, standfirst, body, source, image, dateline, seo, word_count, content_hash, stage, created_by, created_at, updated_at)
    SELECT made.id, story, locale, slug, true, headline, '${KICKER}', standfirst, body::json, source::json, image::json, '${DATELINE}',
      '{"title":null,"description":null,"canonicalUrl":null}', words, hash, 'ready', desk.id, moment, moment FROM made, desk
  ),
  r AS (
    INSERT INTO revisions (article_id, version, content, content_hash, created_by, created_at)
    SELECT made.id, 1, ('{"headline":' || to_json(headline) || ',"kicker":"${KICKER}","standfirst":' || to_json(standfirst) || ',"body":' || body
      || ',"slug":' || to_json(slug) || ',"authors":' || to_json(writers) || ',"tags":' || to_json(ARRAY[section, subject, place])
      || ',"source":' || coalesce(source, 'null') || ',"image":' || coalesce(image, 'null')
      || ',"dateline":"${DATELINE}","breaking":false,"accessibleForFree":true,"sensitive":false,"seo":{"title":null,"description":null,"canonicalUrl":null},"rights":null}')::json,
      hash, desk.id, moment FROM made, desk
  ),
  p AS (
    INSERT INTO publications (id, article_id, story_id, locale, slug, version, content_hash, live_from, published_at, headline, kicker, standfirst,
      body, body_html, body_text, source, image, dateline, breaking, accessible_for_free, sensitive, seo, word_count, stems, created_by, created_at, updated_at)
    SELECT publication, made.id, story, locale, slug, 1, hash, moment, moment, headline, '${KICKER}', standfirst,
      body::json, html, text, source::json, image::json, '${DATELINE}', false, true, false, '{"title":null,"description":null,"canonicalUrl":null}', words, stems, desk.id, moment, moment FROM made, desk
  ),
  search AS (
    INSERT INTO publication_search (publication_id, article_id, locale, published_at, live_from, live_until, withdrawn, vector)
    SELECT publication, made.id, locale, moment, moment, NULL, false, vector FROM made
  ),
  article_tag AS (
    INSERT INTO article_tags (article_id, tag_id, position)
    SELECT made.id, t.id, t.position - 1 FROM made CROSS JOIN LATERAL unnest(ARRAY[section, subject, place]) WITH ORDINALITY AS t (id, position)
  ),
  article_author AS (
    INSERT INTO article_authors (article_id, author_id, position)
    SELECT made.id, w.id, w.position - 1 FROM made CROSS JOIN LATERAL unnest(writers) WITH ORDINALITY AS w (id, position)
  ),
  publication_tag AS (
    INSERT INTO publication_tags (publication_id, tag_id, position, article_id, locale, published_at, live_from, live_until, updated_at)
    SELECT publication, t.id, t.position - 1, made.id, locale, moment, moment, 'infinity', moment FROM made CROSS JOIN LATERAL unnest(ARRAY[section, subject, place]) WITH ORDINALITY AS t (id, position)
  )
  INSERT INTO publication_authors (publication_id, author_id, position, article_id, locale, published_at, live_from, live_until, updated_at)
  SELECT publication, w.id, w.position - 1, made.id, locale, moment, moment, 'infinity', moment FROM made CROSS JOIN LATERAL unnest(writers) WITH ORDINALITY AS w (id, position)`

/**
 * Full text over what is live in one locale. The words of publications stand in `publication_search`, those of names in
 * `search_names`, and all of them in `search_words`, kept by triggers (see the migration that made them).
 */
import type { Static } from 'typebox'
import type { Reader, Statement } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { highlightedFields, highlightsOf, lexemesOf } from './highlights.ts'
import { type ItemRow, itemOf, readItems } from './items.ts'
import { live, momentOf, wanted } from './live.ts'
import type { SearchQuery } from './search-schema.ts'
import { MAX_WORDS, termsOf } from './search-words.ts'

/** How many of the newest matches are ranked. */
const RANKED = 2_000
/** How many of the newest that have its words are looked through for a phrase: an index knows no places. */
const PHRASED = 10_000
/** How many tags and authors one word may name. */
const NAMED = 100
/** How many words are tried with other spellings, and with how many each. */
const RESPELLED = 6
const SPELLINGS = 8
/** A year of age weighs as much as this factor e of relevance does: fixed by the article, so that pages hold still. */
const YEAR_SECONDS = 31_557_600

/**
 * As it was typed: what the text must have (`query`), what an author's name must have (`plain`). The words are as
 * `search_text` would write them: `termsOf` sees to that.
 */
const asTyped = `
  SELECT t.grp, t.negated, phraseto_tsquery(asked.config, t.words) AS query, phraseto_tsquery('dateline_simple', t.words) AS plain
  FROM asked CROSS JOIN unnest($3::int[], $4::bool[], $5::text[]) AS t (grp, negated, words)`

/**
 * Each word, or one of those that differ by a letter (from eight letters on by two), or have two neighbours swapped. The
 * limits on what cannot be more tell the planner so: it would take thousands for granted, and compile the statement.
 */
const respelled = `
  SELECT w.grp, false AS negated, s.query, s.plain
  FROM asked CROSS JOIN (
    SELECT t.grp, lower(unaccent(x.word)) AS word, row_number() OVER () AS place
    FROM unnest($3::int[], $4::bool[], $5::text[]) AS t (grp, negated, words)
    CROSS JOIN LATERAL string_to_table(t.words, ' ') AS x (word) WHERE NOT t.negated LIMIT ${MAX_WORDS}
  ) w CROSS JOIN LATERAL (
    SELECT string_agg(nullif(plainto_tsquery(asked.config, c.word)::text, ''), ' | ')::tsquery AS query,
      string_agg(nullif(plainto_tsquery('dateline_simple', c.word)::text, ''), ' | ')::tsquery AS plain
    FROM (
      SELECT w.word UNION (
        SELECT v.word FROM search_words v
        WHERE w.place <= ${RESPELLED} AND char_length(w.word) BETWEEN 4 AND 30 AND v.locale IN (asked.locale, '') AND v.word % w.word
          AND levenshtein_less_equal(v.word, w.word, 2) <= CASE WHEN char_length(w.word) < 8 THEN 1 ELSE 2 END
        ORDER BY levenshtein(v.word, w.word), v.word LIMIT ${SPELLINGS}
      ) UNION (
        SELECT v.word FROM search_words v
        WHERE w.place <= ${RESPELLED} AND char_length(w.word) BETWEEN 4 AND 30 AND v.locale IN (asked.locale, '') AND v.word = ANY (ARRAY(
          SELECT overlay(w.word placing reverse(substr(w.word, i, 2)) from i for 2) FROM generate_series(1, char_length(w.word) - 1) i LIMIT 30))
        ORDER BY v.word LIMIT ${SPELLINGS}
      )
    ) c
  ) s
  UNION ALL SELECT t.grp, t.negated, t.query, t.plain FROM (${asTyped}) t WHERE t.negated`

/** Without its phrases: their words in any place. */
const loosened = (query: string, operator: '&' | '|') =>
  `regexp_replace(${query}::text, ' <(-|[0-9]+)> ', ' ${operator} ', 'g')`

/** The ids of tags (also of those merged into one) in the form the vectors have them, as text of a query. */
const marks = (ids: string) => `
  (SELECT string_agg('''#' || i.id || '''', ' | ') FROM (
    SELECT n.id FROM (${ids}) n UNION SELECT m.from_id FROM (${ids}) n JOIN public_tag_merges m ON m.into_id = n.id
  ) i)`

/** $1 how many, $2 locale or null, $3 to $5 the terms, $6 slug of a tag or null. */
function statement(
  terms: string,
  fuzzy: 0 | 1,
  moment: string,
  { where, orderBy, direction }: Keyset
): string {
  const before = `
  asked AS (
    SELECT l.locale, search_config(l.locale) AS config FROM (SELECT ${wanted('$2')} AS locale) l
  ), typed AS MATERIALIZED (${terms}), terms AS MATERIALIZED (
    SELECT t.grp, t.negated, t.query::text AS query, ${loosened('t.query', '&')} AS loose, ${loosened('t.query', '|')} AS words,
      ${marks(`
        (SELECT n.owner_id AS id FROM search_names n WHERE n.locale = asked.locale AND n.words @@ t.query LIMIT ${NAMED})
        UNION ALL (SELECT n.owner_id FROM search_names n WHERE n.locale = '' AND asked.locale <> ALL (n.others) AND n.words @@ t.plain LIMIT ${NAMED})`)} AS marks
    FROM asked CROSS JOIN typed t WHERE numnode(t.query) > 0
  ), groups AS (
    SELECT string_agg(concat_ws(' | ', loose, marks), ') & (') FILTER (WHERE NOT negated) AS loose,
      string_agg(concat_ws(' | ', query, marks), ') & (') FILTER (WHERE NOT negated) AS strict,
      string_agg(concat_ws(' | ', words, marks), ' | ') FILTER (WHERE NOT negated) AS words,
      coalesce(' & !(' || string_agg(concat_ws(' | ', query, marks), ' | ') FILTER (WHERE negated AND query NOT LIKE '%<%') || ')', '') AS loose_without,
      coalesce(' & !(' || string_agg(concat_ws(' | ', query, marks), ' | ') FILTER (WHERE negated) || ')', '') AS without
    FROM terms GROUP BY grp
  ), query AS MATERIALIZED (
    SELECT ('(' || string_agg('(' || loose || ')' || loose_without, ' | ') || ')' || coalesce(' & (' || tag.marks || ')', ''))::tsquery AS loose,
      string_agg('(' || strict || ')' || without, ' | ')::tsquery AS strict, string_agg(words, ' | ')::tsquery AS words,
      bool_or(strict || without LIKE '%<%') AS phrased
    FROM groups CROSS JOIN (
      SELECT CASE WHEN $6::text IS NOT NULL THEN
        coalesce(${marks('SELECT tag_id AS id FROM public_tag_slugs WHERE slug = $6::text')}, '''#''') END AS marks
    ) tag WHERE loose IS NOT NULL GROUP BY tag.marks
  ), newest AS MATERIALIZED (
    SELECT s.publication_id, s.article_id, s.published_at, s.vector FROM publication_search s
    WHERE s.vector @@ (SELECT loose FROM query) AND s.locale = (SELECT locale FROM asked) AND ${live('s', moment)}
    ORDER BY s.published_at DESC, s.article_id DESC LIMIT (SELECT CASE WHEN phrased THEN ${PHRASED} ELSE ${RANKED} END FROM query)
  ), matches AS (
    SELECT * FROM newest n WHERE NOT (SELECT phrased FROM query) OR n.vector @@ (SELECT strict FROM query) LIMIT ${RANKED}
  ), ranked AS (
    SELECT ${fuzzy} AS fuzzy, m.publication_id, m.article_id, ln(greatest(ts_rank(m.vector, (SELECT words FROM query)), 1e-6)::float8)
      + date_part('epoch', m.published_at) / ${YEAR_SECONDS} AS score FROM matches m
  ), picked AS (
    SELECT r.* FROM ranked r WHERE ${where} ORDER BY ${orderBy} LIMIT $1::int
  ),`
  const stems = `coalesce(p.stems, search_stems((SELECT config FROM asked), concat_ws(' ', ${highlightedFields.map((field) => `p.${field}`)})))`
  const page = (columns: string) =>
    `SELECT ${columns}, r.fuzzy, r.score, ${stems} AS stems FROM picked r JOIN publications p ON p.id = r.publication_id`
  const columns = ['p.fuzzy', 'p.score', 'p.stems', '(SELECT words::text FROM query) AS words']
  const order = ['fuzzy', 'score', 'article_id'].map((column) => `p.${column} ${direction}`).join(', ')
  return readItems(page, order, undefined, { before, columns })
}

type Keyset = ReturnType<Walk['keyset']>
type Row = ItemRow & { fuzzy: number; score: number; stems: string; words: string }

/** What nearly all ask for is prepared. */
const firstPages: Partial<Record<0 | 1, Statement>> = {}

/** The best matches first: one statement, and another one when there are none. Takes whatever is typed. */
export async function search(
  db: Reader,
  publicUrl: string,
  { q, locale, tag, at }: Static<typeof SearchQuery>,
  walk: Walk
) {
  const terms = termsOf(q)
  const find = (fuzzy: 0 | 1) => {
    const groups = terms.map(({ group }) => group)
    const negated = terms.map((term) => term.negated)
    const words = terms.map((term) => term.words)
    const values: unknown[] = [walk.take, locale ?? null, groups, negated, words, tag ?? null]
    // What was found under another spelling stands in a list of its own, and its cursors say so.
    const keyset = walk.keyset(
      [
        { sql: 'r.fuzzy', type: 'int' },
        { sql: 'r.score', type: 'float8' },
        { sql: 'r.article_id', type: 'uuid' }
      ],
      true,
      values
    )
    const make = () => statement(fuzzy ? respelled : asTyped, fuzzy, momentOf(at, values), keyset)
    if (at !== undefined || keyset.shape !== 'first') return db.query<Row>({ text: make() }, values)
    firstPages[fuzzy] ??= { name: `content-search-${fuzzy}`, text: make() }
    return db.query<Row>(firstPages[fuzzy], values)
  }
  const meant = terms.some((term) => !term.negated)
  const goesOn = walk.from?.[0]
  const exact = meant && goesOn !== 1 ? await find(0) : []
  const rows = exact.length > 0 || !meant || goesOn === 0 ? exact : await find(1)
  const lexemes = lexemesOf(rows[0]?.words ?? '')
  const { data, page } = walk.page(rows, (row) => [row.fuzzy, row.score, row.id])
  return {
    rows: data,
    data: data.map((row) => ({
      ...itemOf(row, publicUrl),
      highlights: highlightsOf(row, row.stems, lexemes)
    })),
    page
  }
}

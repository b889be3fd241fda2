/** The hand-written statement of the search: the words of a website's search box in one locale, best first. */
import { inNode, inPostgres, live, type Statements } from './hand-sql-statements.ts'

/** The text search configurations of the newsroom's languages. */
export const CONFIGS: Record<string, string> = { en: 'dateline_english', ru: 'dateline_russian' }

/** Stands before and after each word found; no text has it. */
export const MARK = '\u0002'
export const HIGHLIGHTED = ['headline', 'kicker', 'standfirst', 'dateline'] as const

const QUERY = 'websearch_to_tsquery($3::regconfig, $4)'
const marked = (field: string) =>
  `ts_headline($3::regconfig, p.${field}, ${QUERY}, E'HighlightAll=true, StartSel=\\x02, StopSel=\\x02')`

const MARKED = `ARRAY[${HIGHLIGHTED.map(marked)}]`
/** Every second piece stands between two marks. Characters are UTF-16 units in the texts of the bench. */
const HIGHLIGHTS = `(
  SELECT coalesce(json_agg(json_build_object('field', cut.field, 'start', cut.until - char_length(cut.piece), 'end', cut.until) ORDER BY cut.place, cut.part)
    FILTER (WHERE cut.part % 2 = 0), '[]')
  FROM (
    SELECT f.place, f.field, m.part, m.piece, sum(char_length(m.piece)) OVER (PARTITION BY f.place ORDER BY m.part) AS until
    FROM (VALUES ${HIGHLIGHTED.map((field, place) => `(${place}, '${field}', ${marked(field)})`)}) AS f (place, field, text)
    CROSS JOIN LATERAL string_to_table(f.text, E'\\x02') WITH ORDINALITY AS m (piece, part)
  ) cut)`

/** As Dateline: the newest 2,000 that match, and a year of age weighs as much as a factor e of relevance. */
const found = (shown: string, where: string) => `
  WITH newest AS MATERIALIZED (
    SELECT n.publication_id, n.article_id, n.published_at, n.vector FROM publication_search n
    WHERE n.vector @@ ${QUERY} AND n.locale = $2 AND ${live('n')}
    ORDER BY n.published_at DESC, n.article_id DESC LIMIT 2000
  ), ranked AS (
    SELECT publication_id, article_id, ln(greatest(ts_rank(vector, ${QUERY}), 1e-6)::float8) + date_part('epoch', published_at) / 31557600 AS score
    FROM newest
  ), picked AS (
    SELECT * FROM ranked WHERE ${where} ORDER BY score DESC, article_id DESC LIMIT $1
  )
  SELECT ${shown}, r.score FROM picked r JOIN publications p ON p.id = r.publication_id JOIN sites s ON s.locale = p.locale
  ORDER BY r.score DESC, r.article_id DESC`

const statements = (name: string, where: string): Statements => ({
  postgres: {
    name: `${name}-postgres`,
    text: found(`${inPostgres([['highlights', HIGHLIGHTS]])}, p.article_id AS id`, where)
  },
  node: { name: `${name}-node`, text: found(inNode([['marked', MARKED]]), where) }
})

/** $1 how many, $2 locale, $3 its configuration, $4 what was typed, then score and id of the last one seen. */
export const search = {
  first: statements('search', 'TRUE'),
  after: statements('search-after', '(score, article_id) < ($5, $6)')
}

/**
 * What the triggers of the search would have written. Making a vector of a text takes milliseconds, so each paragraph's
 * is made once, in the pool, and those of the articles are put together out of them.
 */
import type pg from 'pg'

/** What every article has around it. */
export const KICKER = 'Coast'
export const DATELINE = 'Port Ansel'
export const SOURCE = 'The Northern Wire'

/** As in `search_vector`: keeps a phrase from reaching from one text into the next. */
const GAP = `'''|'':3'::tsvector`
const vectorOf = (text: string, locale: string) =>
  `to_tsvector(search_config(${locale}), search_text(${text}))`

const stemsOf = (text: string, locale: string) => `search_stems(search_config(${locale}), ${text})`

// None of the loader's words is a stop word: a vector ends where its text does, and the next one goes on from there.
const FILL_POOL = `
  UPDATE bench_pool SET headline_vector = ${vectorOf('headline', 'locale')}, standfirst_vector = ${vectorOf('standfirst', 'locale')},
    vector = ${vectorOf('text', 'locale')}, marker_vector = ${vectorOf(`coalesce(marker, '')`, 'locale')},
    headline_stems = ${stemsOf('headline', 'locale')}, standfirst_stems = ${stemsOf('standfirst', 'locale')}, marker_stems = ${stemsOf('marker', 'locale')}`

/** `vector` is what stands between standfirst and body, in a locale, with a source and without. */
export const surroundings = `
  SELECT l.locale, s.sourced, ${stemsOf(`'${KICKER}'`, 'l.locale')} AS kicker_stems, ${stemsOf(`'${DATELINE}'`, 'l.locale')} AS dateline_stems,
    ${GAP} || setweight(${vectorOf(`'${KICKER}'`, 'l.locale')}, 'C') || ${GAP} || setweight(${vectorOf(`'${DATELINE}'`, 'l.locale')}, 'C')
    || ${GAP} || setweight(${vectorOf(`CASE WHEN s.sourced THEN '${SOURCE}' ELSE '' END`, 'l.locale')}, 'C') || ${GAP} AS vector
  FROM (VALUES ('en'), ('ru')) AS l (locale) CROSS JOIN (VALUES (true), (false)) AS s (sourced)`

/**
 * What `search_vector` says of an article with the headline of `one`, the standfirst of `two` and the word of `marker`,
 * the paragraphs of `bodies` (places in the pool), and these tags and authors, of which some may be null.
 */
export const articleVector = (bodies: string[], ids: string) => `
  ts_delete(setweight(one.headline_vector, 'A') || ${GAP}
    || setweight(two.standfirst_vector || coalesce(marker.marker_vector, ''), 'B')
    || around.vector || ${bodies.map((place) => `${place}.vector`).join(' || ')}, '|')
  || (SELECT string_agg(format('''#%s'':1C', i.id), ' ') FROM unnest(${ids}) AS i (id) WHERE i.id IS NOT NULL)::tsvector`

/** What `search_stems` says of it. */
export const articleStems = `
  concat_ws(E'\\n', one.headline_stems, around.kicker_stems, two.standfirst_stems, nullif(marker.marker_stems, ''), around.dateline_stems)`

// Every word of every article stands in the pool, so each is learned once.
const LEARN = `
  SELECT learn_words(locale, string_agg(concat_ws(' ', headline, standfirst, text, marker), ' '))
  FROM bench_pool GROUP BY locale, place / 100`

/** The vectors of the pool, and the vocabulary of all articles that are made of it. */
export async function prepareSearch(pool: pg.Pool): Promise<void> {
  await pool.query(FILL_POOL)
  await pool.query(LEARN)
  await pool.query(
    `SELECT learn_words(l.locale, '${KICKER} ${DATELINE} ${SOURCE}') FROM (VALUES ('en'), ('ru')) AS l (locale)`
  )
}

/** What is live, and in which languages to look: what every statement of the reading side asks, said once. */

/** The beginning of the statement, by the database's clock. */
export const NOW = 'now()'

/**
 * Inclusive, exclusive. What is withdrawn was never there. `moment` is NOW, or the place of a value in the statement
 * for those who ask what will be, or was, live at another one (`at=`). Written as the indexes have it, which skip what
 * is not live without a look at the table.
 */
export const live = (p: string, moment: string) =>
  `(NOT ${p}.withdrawn AND ${p}.live_from <= ${moment} AND coalesce(${p}.live_until, 'infinity'::timestamptz) > ${moment})`

/** The same asked of `publication_tags` or `publication_authors`, which have the window of their publication. */
export const liveTagged = (x: string, moment: string) =>
  `(${x}.live_from <= ${moment} AND ${x}.live_until > ${moment})`

/** NOW, or `at` put into the values of the statement. */
export const momentOf = (at: string | undefined, values: unknown[]) =>
  at === undefined ? NOW : `$${values.push(at)}::timestamptz`

/** The locale asked for, else the default site's. */
export const wanted = (parameter: string) =>
  `coalesce(${parameter}::text, (SELECT locale FROM public_sites WHERE is_default))`

/** One row: the `locale` asked for, and the `chain` of locales to look in: itself and its site's fallbacks. */
export const asked = (parameter: string) => `
  SELECT w.locale, w.locale || coalesce(s.fallbacks, '{}') AS chain
  FROM (SELECT ${wanted(parameter)} AS locale) w LEFT JOIN public_sites s ON s.locale = w.locale`

/** A row for each locale of the chain, with its `place`. */
export const places = (parameter: string) => `
  SELECT l.locale, l.place FROM (${asked(parameter)}) a CROSS JOIN LATERAL unnest(a.chain) WITH ORDINALITY AS l (locale, place)`

/** Lateral: `key` and `value` of the text in the first locale of the chain that has one, else of whatever there is. */
export const bestText = (texts: string, chain: string) =>
  `LATERAL (SELECT key, value FROM jsonb_each_text(${texts}) ORDER BY coalesce(array_position(${chain}, key), 1000), key LIMIT 1)`

/**
 * Withdrawn, and nobody else has had its slug since, until `moment`: the address answers 410, also before it was live.
 */
export const gone = (p: string, moment: string) => `
  (${p}.withdrawn AND NOT EXISTS (SELECT FROM publications later WHERE later.locale = ${p}.locale AND later.slug = ${p}.slug
    AND NOT later.withdrawn AND later.live_from > ${p}.live_from AND later.live_from <= ${moment}))`

/** Lateral: `article_id` of whose slug this was last, at `moment`. */
export const lastHolder = (locale: string, slug: string, moment: string) => `LATERAL (
    SELECT f.article_id FROM publications f WHERE f.locale = ${locale} AND f.slug = ${slug} AND f.live_from <= ${moment}
    ORDER BY f.live_from DESC LIMIT 1
  )`

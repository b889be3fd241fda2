/** What the triggers of the search would have written, for all publications at once. */
import type pg from 'pg'

const IDS = 'SELECT id FROM publications WHERE id > $1 ORDER BY id LIMIT 5000'
const FILL = `
  INSERT INTO publication_search (publication_id, article_id, locale, published_at, live_from, live_until, withdrawn, vector)
  SELECT id, article_id, locale, published_at, live_from, live_until, withdrawn, search_vector(id)
  FROM publications WHERE id = ANY ($1::uuid[])`
// Every word of every article stands in the pool, so each is learned once.
const LEARN = `
  SELECT learn_words(locale, string_agg(concat_ws(' ', headline, standfirst, text, marker), ' '))
  FROM bench_pool GROUP BY locale, place / 100`

/** Fills the tables of the search, where this database has them. */
export async function fillSearch(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ there: boolean }>(
    `SELECT to_regclass('publication_search') IS NOT NULL AS there`
  )
  if (!rows[0]?.there) return
  await pool.query(LEARN)
  await pool.query(
    `SELECT learn_words(l.locale, 'Coast Port Ansel The Northern Wire') FROM (VALUES ('en'), ('ru')) AS l (locale)`
  )
  let last = '00000000-0000-0000-0000-000000000000'
  const next = async () => {
    const { rows: found } = await pool.query<{ id: string }>(IDS, [last])
    last = found.at(-1)?.id ?? last
    return found.map(({ id }) => id)
  }
  // Choosing goes one after another, filling side by side.
  let choosing: Promise<string[]> = Promise.resolve([])
  const work = async () => {
    for (;;) {
      choosing = choosing.then(next)
      const ids = await choosing
      if (ids.length === 0) return
      await pool.query(FILL, [ids])
    }
  }
  await Promise.all([work(), work()])
}

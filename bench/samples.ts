/** What to ask for: found in the loaded database, always the same ones. */
import pg from 'pg'
import { SECTIONS } from './load/articles-sql.ts'
import { LOCALES, type Locale, markerWords } from './load/words.ts'

export type Samples = {
  articles: { slug: string; locale: Locale }[]
  sections: string[]
  locales: readonly Locale[]
  /** Each stands in as many articles, however many there are in all. */
  words: { word: string; locale: Locale }[]
  /** The last full page of 20 that every section has, 500 at most. */
  deepest: number
}

const MANY = 1_000
/** Spread over all of them by the hash: of the newest, 1,000 would all stand on a few pages of the table. */
const SPREAD = `ORDER BY hashtextextended(slug || locale, 5) LIMIT ${MANY}`
/** For the articles that are asked for: at a million, links for all would be eleven million. */
export const makeLinks = `
  SELECT make_share_links(array_agg(article_id)) FROM (SELECT article_id FROM publications ${SPREAD}) asked`

export async function samplesOf(url: string): Promise<Samples> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows: articles } = await client.query<{ slug: string; locale: Locale }>(
      `SELECT slug, locale FROM publications ${SPREAD}`
    )
    const { rows } = await client.query<{ least: number }>(`
      SELECT min(articles)::int AS least FROM (
        SELECT count(*) AS articles FROM publication_tags x JOIN tags t ON t.id = x.tag_id
        WHERE t.kind = 'section' GROUP BY x.tag_id, x.locale) counted`)
    return {
      articles,
      sections: Array.from({ length: SECTIONS }, (_, number) => `section-${number}`),
      locales: LOCALES,
      words: LOCALES.flatMap((locale) => markerWords(locale).map((word) => ({ word, locale }))),
      deepest: Math.min(500, Math.floor((rows[0]?.least ?? 0) / 20))
    }
  } finally {
    await client.end()
  }
}

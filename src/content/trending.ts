/** What is read most, from the views counted by the hour. */
import type { Reader, Statement } from '../database/database.ts'
import { type Found, itemOf, readItems } from './items.ts'
import type { Window } from './listing-schema.ts'
import { live, momentOf, NOW, wanted } from './live.ts'

/** Lengths in hours. After one half-life a view counts half. */
const windows: Record<Window, { hours: number; halfLife: number }> = {
  '1h': { hours: 1, halfLife: 0.5 },
  '24h': { hours: 24, halfLife: 6 },
  '7d': { hours: 168, halfLife: 48 }
}

/** The most read of each hour are candidates; the best of those are counted exactly. Both bound the work. */
const OF_EACH_HOUR = 100
const CANDIDATES = 400

/**
 * $1 locale or null, $2 length of the window and $3 half-life, both in hours, $4 how many. Views of an hour are taken to
 * be spread evenly over it: of the hour in which the window begins the part that lies in the window counts, and all
 * are as old as the middle of their part.
 */
const readTrending = (moment: string) => {
  const worth = `v.views * w.share * power(0.5, w.age / $3::float8)`
  const before = `
    window_hours AS (
      SELECT h.hour,
        date_part('epoch', h.until - h.since) / greatest(date_part('epoch', h.until - h.hour), 1) AS share,
        date_part('epoch', now() - h.since + (now() - h.until)) / 7200 AS age
      FROM (
        SELECT hour, greatest(hour, now() - $2::int * interval '1 hour') AS since, least(hour + interval '1 hour', now()) AS until
        FROM generate_series(date_trunc('hour', now() - $2::int * interval '1 hour', 'UTC'), now(), interval '1 hour') AS hour
      ) h WHERE h.until > h.since
    ),
    candidates AS (
      SELECT v.article_id, sum(${worth}) AS worth FROM window_hours w CROSS JOIN LATERAL (
        SELECT t.article_id, t.views FROM public_article_views t WHERE t.locale = ${wanted('$1')} AND t.hour = w.hour
        ORDER BY t.views DESC, t.article_id LIMIT ${OF_EACH_HOUR}
      ) v GROUP BY v.article_id ORDER BY worth DESC LIMIT ${CANDIDATES}
    ),
    counted AS (
      SELECT c.article_id, (SELECT sum(${worth}) FROM public_article_views v JOIN window_hours w ON w.hour = v.hour
        WHERE v.article_id = c.article_id AND v.hour >= date_trunc('hour', now() - $2::int * interval '1 hour', 'UTC')) AS worth
      FROM candidates c
    ),`
  const page = (columns: string) => `
    SELECT ${columns}, counted.worth FROM counted JOIN publications p ON p.article_id = counted.article_id
    WHERE p.locale = ${wanted('$1')} AND ${live('p', moment)} AND counted.worth > 0
    ORDER BY counted.worth DESC, p.article_id LIMIT $4::int`
  const items = readItems(page, 'p.worth DESC, p.article_id', undefined, { before })
  return `SELECT now() AS "computedAt", items.* FROM (SELECT 1) one LEFT JOIN (${items}) items ON true`
}

const readTrendingNow: Statement = { name: 'content-trending', text: readTrending(NOW) }

type Row = { computedAt: Date } & (Found | { id: null })

/** Live articles of the locale, most read first, and by which clock that was found: one statement. */
export async function findTrending(
  db: Reader,
  publicUrl: string,
  { window, locale, limit, at }: { window: Window; locale?: string; limit: number; at?: string }
) {
  const { hours, halfLife } = windows[window]
  const values: unknown[] = [locale ?? null, hours, halfLife, limit]
  const statement = at === undefined ? readTrendingNow : { text: readTrending(momentOf(at, values)) }
  const found = await db.query<Row>(statement, values)
  const rows = found.filter((row): row is { computedAt: Date } & Found => row.id !== null)
  const [{ computedAt }] = found as [Row]
  return { rows, data: rows.map((row) => itemOf(row, publicUrl)), computedAt, window }
}

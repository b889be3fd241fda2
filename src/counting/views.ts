/**
 * Views of articles. Whether a visitor was counted within the last half hour is asked by the very statement that counts,
 * so the answer is the same on every instance and after every restart.
 */
import { live, NOW } from '../content/live.ts'
import type { Database } from '../database/database.ts'
import { Group } from '../groups.ts'
import { Problem } from '../http/errors.ts'
import { readVisitorDay, TODAY, type Visitor, type VisitorDay, visitorOf } from './visitor-days.ts'

type View = { articleId: string; visitor: Visitor }

/** A visitor who comes back to an article within this time is not counted again. */
const REPEAT = `interval '30 minutes'`
/** The day ends once; who is told so three times has a clock that runs wild. */
const TRIES = 3

/**
 * $1 articles, each with its visitors (hexadecimal, commas between), $2 the day those are hashed under. Nothing is counted
 * when that is not today, nor for what is not live. Rows are locked in one order on all instances: visits before counts,
 * and each of them sorted. Postgres guesses as many rows from any JSON, so one plan is kept; for an array it would make a
 * new one each time, which takes longer than the counting.
 */
const count = {
  name: 'count-views',
  text: `
    WITH asked AS (
      SELECT a.article_id, a.visitors, p.locale FROM json_to_recordset($1::json) AS a (article_id uuid, visitors text) CROSS JOIN LATERAL (
        SELECT p.locale FROM publications p WHERE p.article_id = a.article_id AND ${live('p', NOW)} LIMIT 1
      ) p WHERE $2::date = ${TODAY}
    ), visit AS (
      INSERT INTO visits (day, visitor, article_id, counted_at)
      SELECT $2::date, decode(v.visitor, 'hex') AS visitor, asked.article_id, now()
      FROM asked CROSS JOIN LATERAL unnest(string_to_array(asked.visitors, ',')) AS v (visitor) ORDER BY 2, 3
      ON CONFLICT (day, visitor, article_id) DO UPDATE SET counted_at = excluded.counted_at
        WHERE visits.counted_at <= excluded.counted_at - ${REPEAT}
      RETURNING visits.article_id
    ), counted AS (
      SELECT v.article_id, asked.locale, v.views
      FROM (SELECT article_id, count(*) AS views FROM visit GROUP BY article_id) v JOIN asked ON asked.article_id = v.article_id
    ), hours AS (
      INSERT INTO article_views (article_id, hour, locale, views)
      SELECT article_id, date_trunc('hour', now(), 'UTC'), locale, views FROM counted ORDER BY article_id
      ON CONFLICT (article_id, hour) DO UPDATE SET views = article_views.views + excluded.views
    ), totals AS (
      INSERT INTO article_view_totals (article_id, views) SELECT article_id, views FROM counted ORDER BY article_id
      ON CONFLICT (article_id) DO UPDATE SET views = article_view_totals.views + excluded.views
    )
    SELECT $2::date = ${TODAY} AS "isToday"`
}

/**
 * Counts views. What it gives resolves when the view is committed, or was one that does not count: a repeat, or of what
 * is not live. `begun` is told when a day has begun.
 */
export function makeViewCounter(db: Database, begun: () => void) {
  let day: VisitorDay | null = null

  const today = async () => {
    if (day) return day
    const { isNew, ...read } = await readVisitorDay(db)
    day = read
    if (isNew) begun()
    return read
  }

  const group = new Group<View, void>(async (views) => {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const under = await today()
      const visitors = byArticle(views, under)
      const [row] = await db.query<{ isToday: boolean }>(count, [
        JSON.stringify(
          [...visitors].map(([id, each]) => ({ article_id: id, visitors: [...each].join(',') }))
        ),
        under.day
      ])
      if (row?.isToday) return views.map(() => undefined)
      day = null
    }
    throw new Problem('unavailable', 'The day changes too often.', { headers: { 'retry-after': '1' } })
  })
  return (articleId: string, visitor: Visitor): Promise<void> => group.ask({ articleId, visitor })
}

/** The visitors of each article, once each: one statement cannot touch a row twice. */
function byArticle(views: View[], day: VisitorDay): Map<string, Set<string>> {
  const visitors = new Map<string, Set<string>>()
  for (const { articleId, visitor } of views) {
    const ofThis = visitors.get(articleId) ?? new Set()
    ofThis.add(visitorOf(day, visitor))
    visitors.set(articleId, ofThis)
  }
  return visitors
}
